import type { ObjectChecksum } from './checksums.ts';
import { failure, type S3Failure } from './failures.ts';
import type { ObjectVersion } from './object-record.ts';
import { fitsIfRange } from './preconditions.ts';
import { parameter, type S3Request } from './request.ts';

/** The bytes of an object that a request reads. */
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

/** Determines the bytes that a request reads: all, a range, or one part of a multipart upload. */
export function readSlice(request: S3Request, object: ObjectVersion): ObjectSlice | S3Failure {
  const partNumber = parameter(request, 'partNumber');
  const range = request.headers.get('range');
  if (partNumber === undefined) {
    return rangeOf(object, fitsIfRange(request.headers.get('if-range'), object) ? range : undefined);
  }
  if (range !== undefined) {
    return failure('InvalidRequest', {
      message: 'Cannot specify both Range header and partNumber query parameter',
    });
  }
  return partOf(object, partNumber);
}

function rangeOf(object: ObjectVersion, header: string | undefined): ObjectSlice | S3Failure {
  const { size } = object;
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
        headers: contentRange(range, size),
      };
  }
}

/**
 * Returns one part of an object. If the object was not uploaded in parts, part 1 is the whole object.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html ("partNumber")
 */
function partOf(object: ObjectVersion, partNumber: string): ObjectSlice | S3Failure {
  const sizes = object.parts?.map(({ size }) => size) ?? [object.size];
  const index = /^[1-9]\d{0,4}$/.test(partNumber) ? Number(partNumber) - 1 : -1;
  if (index === -1) {
    return failure('InvalidArgument', {
      message: 'Part number must be an integer between 1 and 10000, inclusive',
    });
  }
  const size = sizes[index];
  if (size === undefined) {
    return failure('InvalidPartNumber', {
      details: { ActualPartCount: String(sizes.length), PartNumberRequested: partNumber },
    });
  }
  const start = sizes.slice(0, index).reduce((sum, one) => sum + one, 0);
  const bytes = { start, end: start + size - 1 };
  return {
    kind: 'slice',
    status: 206,
    ...bytes,
    checksum: checksumOfPart(object, index),
    headers: {
      ...(size === 0 ? {} : contentRange(bytes, object.size)),
      ...(object.parts === undefined ? {} : { 'x-amz-mp-parts-count': String(sizes.length) }),
    },
  };
}

/** Returns the checksum of a part. S3 stores it only if the object has a composite checksum. */
function checksumOfPart({ checksum, parts }: ObjectVersion, index: number): ObjectChecksum | undefined {
  const value = parts?.[index]?.checksum;
  if (checksum.type === 'COMPOSITE' && value !== undefined) return { ...checksum, value };
  return (parts?.length ?? 1) === 1 ? checksum : undefined;
}

const contentRange = (
  { start, end }: { readonly start: number; readonly end: number },
  size: number,
): Record<string, string> => ({ 'content-range': `bytes ${start}-${end}/${size}` });

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
