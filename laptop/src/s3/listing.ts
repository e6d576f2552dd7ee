import { encodeOctets } from '../sigv4/request-target.ts';
import { failure, type S3Failure } from './failures.ts';
import { parameter, type S3Request } from './request.ts';

/** The parameters that all listings have in common. */
export interface ListingQuery {
  readonly kind: 'listing';
  readonly prefix: string;
  readonly delimiter: string;
  readonly maxKeys: number;
  /** Percent-encodes a key for the response if the client requested this encoding. */
  readonly encodeKey: (text: string) => string;
  readonly encodingType: string | undefined;
}

const MAX_KEYS = 1000;

/** Reads the parameters of a listing. */
export function readListingQuery(request: S3Request): ListingQuery | S3Failure {
  const maxKeys = readLimit(request, 'max-keys');
  if (typeof maxKeys === 'object') return maxKeys;
  const encodingType = parameter(request, 'encoding-type');
  if (encodingType !== undefined && encodingType !== 'url') {
    return failure('InvalidArgument', { message: 'Invalid Encoding Method specified in Request' });
  }
  return {
    kind: 'listing',
    prefix: parameter(request, 'prefix') ?? '',
    delimiter: parameter(request, 'delimiter') ?? '',
    maxKeys,
    encodingType,
    encodeKey: (text) => (encodingType === 'url' ? text.split('/').map(encodeOctets).join('/') : text),
  };
}

/** Reads the page size. The default and the maximum are both 1,000. */
export function readLimit(request: S3Request, name: string): number | S3Failure {
  const wanted = parameter(request, name) ?? String(MAX_KEYS);
  return /^\d{1,9}$/.test(wanted)
    ? Math.min(Number(wanted), MAX_KEYS)
    : failure('InvalidArgument', { message: `Provided ${name} not an integer or within integer range` });
}

export interface ListingPage<T> {
  readonly items: readonly T[];
  readonly commonPrefixes: readonly string[];
  /** The last item or common prefix of this page, if there is another page. */
  readonly next?: { readonly name: string; readonly item?: T };
}

/**
 * Returns one page of the keys with the prefix. Keys that are equal up to the delimiter become one common prefix.
 *
 * @param entries all entries in the order of the listing
 * @param isPast returns whether an entry or its common prefix was on an earlier page
 */
export function pageOf<T extends { readonly key: string }>(
  entries: readonly T[],
  { prefix, delimiter, maxKeys }: ListingQuery,
  isPast: (entry: T, commonPrefix: string | undefined) => boolean,
): ListingPage<T> {
  const items: T[] = [];
  const commonPrefixes: string[] = [];
  let last: { name: string; item?: T } | undefined;
  for (const entry of entries) {
    if (!entry.key.startsWith(prefix)) continue;
    const at = delimiter === '' ? -1 : entry.key.indexOf(delimiter, prefix.length);
    const commonPrefix = at === -1 ? undefined : entry.key.slice(0, at + delimiter.length);
    if (isPast(entry, commonPrefix)) continue;
    if (commonPrefix !== undefined && commonPrefix === commonPrefixes.at(-1)) continue;
    if (items.length + commonPrefixes.length === maxKeys) {
      return { items, commonPrefixes, ...(last === undefined ? {} : { next: last }) };
    }
    if (commonPrefix === undefined) items.push(entry);
    else commonPrefixes.push(commonPrefix);
    last = commonPrefix === undefined ? { name: entry.key, item: entry } : { name: commonPrefix };
  }
  return { items, commonPrefixes };
}

/** Returns whether one key comes after another in UTF-8 order, which is the order that S3 lists keys in. */
export const isAfter = (key: string, other: string): boolean =>
  Buffer.compare(Buffer.from(key), Buffer.from(other)) > 0;
