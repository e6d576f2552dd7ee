import type { ObjectChecksum } from './checksums.ts';
import { failure, type S3Failure } from './failures.ts';
import type { ObjectVersion } from './object-record.ts';
import { fitsIfRange } from './preconditions.ts';
import type { S3Request } from './request.ts';

/** The range of an object's bytes that a request reads. */
export interface ObjectSlice {
  readonly kind: 'slice';
  readonly status: 200 | 206;
  /** Offsets of the first and the last byte. If the end is before the start, there are no bytes. */
  readonly start: number;
  readonly end: number;
  /** The checksum of exactly these bytes, if it is known. */
  readonly checksum: ObjectChecksum | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** Determines which bytes a request reads: all of them, or a range. */
export function readSlice({ headers }: S3Request, object: ObjectVersion): ObjectSlice | S3Failure {
  const { size } = object;
  const header = fitsIfRange(headers.get('if-range'), object) ? headers.get('range') : undefined;
  const range = readByteRange(header, size);
  switch (range.kind) {
    case 'unsatisfiable':
      return failure('InvalidRange', { headers: { 'content-range': `bytes */${size}` } });
    case 'whole':
      return {
        kind: 'slice',
        status: 200,
        start: 0,
        end: size - 1,
        checksum: object.checksum,
        headers: {},
      };
    case 'part':
      // The checksum of the whole object does not match a range.
      return {
        kind: 'slice',
        status: 206,
        start: range.start,
        end: range.end,
        checksum: undefined,
        headers: { 'content-range': `bytes ${range.start}-${range.end}/${size}` },
      };
  }
}

/** The bytes that a request reads: all, a range (both ends inclusive), or a range beyond the end. */
type ByteRange =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  | { readonly kind: 'unsatisfiable' };

const SINGLE = /^bytes=(\d*)-(\d*)$/;

/**
 * Parses a `Range` header (RFC 9110 section 14.2). Like S3, it supports a single range, and ignores headers with
 * several or invalid ranges.
 *
 * @param size size of the object in bytes
 */
function readByteRange(header: string | undefined, size: number): ByteRange {
  const [, first = '', last = ''] = SINGLE.exec(header ?? '') ?? [];
  if (first === '' && last === '') return { kind: 'whole' };
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return { kind: 'whole' };
  return start > end ? { kind: 'unsatisfiable' } : { kind: 'part', start, end };
}
