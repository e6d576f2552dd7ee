import type { ObjectVersion, Version } from './object-record.ts';

/** The conditional headers of a request (RFC 9110 section 13.1), as they came. */
export interface Preconditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
  readonly ifUnmodifiedSince: string | undefined;
}

/** Reads them; a copy says with the prefix `x-amz-copy-source-` that its source is meant. */
export const readPreconditions = (headers: ReadonlyMap<string, string>, prefix = ''): Preconditions => ({
  ifMatch: headers.get(`${prefix}if-match`),
  ifNoneMatch: headers.get(`${prefix}if-none-match`),
  ifModifiedSince: headers.get(`${prefix}if-modified-since`),
  ifUnmodifiedSince: headers.get(`${prefix}if-unmodified-since`),
});

/** Judges a read in the order of RFC 9110 section 13.2.2. */
export function judgeRead(
  asked: Preconditions,
  object: ObjectVersion,
): 'proceed' | 'failed' | 'not-modified' {
  if (asked.ifMatch !== undefined) {
    if (!matches(asked.ifMatch, object.etag)) return 'failed';
  } else if (modifiedSince(asked.ifUnmodifiedSince, object) === 'yes') {
    return 'failed';
  }
  if (asked.ifNoneMatch !== undefined)
    return matches(asked.ifNoneMatch, object.etag) ? 'not-modified' : 'proceed';
  return modifiedSince(asked.ifModifiedSince, object) === 'no' ? 'not-modified' : 'proceed';
}

/**
 * Judges a write against what is there.
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

/** Whether a range still fits the object that it was asked for (RFC 9110 section 13.1.5). */
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

/** HTTP dates have whole seconds; one that cannot be read is ignored. */
function modifiedSince(date: string | undefined, { lastModified }: ObjectVersion): 'yes' | 'no' | 'unknown' {
  const time = Date.parse(date ?? '');
  if (Number.isNaN(time)) return 'unknown';
  return Math.floor(lastModified.getTime() / 1000) * 1000 > time ? 'yes' : 'no';
}
