import type { ObjectVersion, Version } from './object-record.ts';

/** The conditional headers of a request, unparsed (RFC 9110 section 13.1). */
export interface Preconditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
  readonly ifUnmodifiedSince: string | undefined;
}

/** Reads a request's conditional headers. With the prefix `x-amz-copy-source-`, they apply to the source of a copy. */
export const readPreconditions = (headers: ReadonlyMap<string, string>, prefix = ''): Preconditions => ({
  ifMatch: headers.get(`${prefix}if-match`),
  ifNoneMatch: headers.get(`${prefix}if-none-match`),
  ifModifiedSince: headers.get(`${prefix}if-modified-since`),
  ifUnmodifiedSince: headers.get(`${prefix}if-unmodified-since`),
});

/** Evaluates the preconditions of a read, in the order of RFC 9110 section 13.2.2. */
export function judgeRead(
  preconditions: Preconditions,
  object: ObjectVersion,
): 'proceed' | 'failed' | 'not-modified' {
  if (preconditions.ifMatch !== undefined) {
    if (!matches(preconditions.ifMatch, object.etag)) return 'failed';
  } else if (modifiedSince(preconditions.ifUnmodifiedSince, object) === 'yes') {
    return 'failed';
  }
  if (preconditions.ifNoneMatch !== undefined)
    return matches(preconditions.ifNoneMatch, object.etag) ? 'not-modified' : 'proceed';
  return modifiedSince(preconditions.ifModifiedSince, object) === 'no' ? 'not-modified' : 'proceed';
}

/**
 * Evaluates the preconditions of a write against the latest version of the key.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function judgeWrite(
  { ifMatch, ifNoneMatch }: Preconditions,
  current: Version | undefined,
): 'proceed' | 'failed' | 'missing' | 'unsupported' {
  const object = current?.kind === 'object' ? current : undefined;
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch !== '*') return 'unsupported';
    if (object !== undefined) return 'failed';
  }
  if (ifMatch === undefined) return 'proceed';
  if (object === undefined) return 'missing';
  return matches(ifMatch, object.etag) ? 'proceed' : 'failed';
}

/** Returns whether `If-Range` matches the object (RFC 9110 section 13.1.5). */
export const fitsIfRange = (ifRange: string | undefined, object: ObjectVersion): boolean =>
  ifRange === undefined || ifRange === `"${object.etag}"` || ifRange === object.lastModified.toUTCString();

const matches = (list: string, etag: string): boolean =>
  list.split(',').some((one) => {
    const tag = one
      .trim()
      .replace(/^W\//, '')
      .replace(/^"(.*)"$/, '$1');
    return tag === '*' || tag === etag;
  });

/** Compares whole seconds, because HTTP dates have no fractions. Invalid dates are ignored. */
function modifiedSince(date: string | undefined, { lastModified }: ObjectVersion): 'yes' | 'no' | 'unknown' {
  const time = Date.parse(date ?? '');
  if (Number.isNaN(time)) return 'unknown';
  return Math.floor(lastModified.getTime() / 1000) * 1000 > time ? 'yes' : 'no';
}
