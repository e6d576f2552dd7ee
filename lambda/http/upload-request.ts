import * as z from 'zod/mini';
import { parseObjectId, parseUploadId } from '../domain/ids.ts';
import { UNSAFE_CHARACTERS } from '../domain/unsafe-characters.ts';
import type { PilePosition } from '../domain/uploads/ports.ts';
import type { Declared } from '../domain/uploads/upload.ts';
import { parsed } from './check.ts';

/* What tenants and operators send about uploads. */

const LONGEST_NAME_BYTES = 255;

/** Matches a file name: one line of text that reads the same everywhere, without separators of folders. */
const FILE_NAME = new RegExp(String.raw`^[^/\\${UNSAFE_CHARACTERS}]+$`, 'u');

/**
 * Reads the name that downloads get.
 *
 * @returns `undefined` for a name that no file system takes, that leaves its folder, or that hides what it is
 */
function parseFileName(text: string): string | undefined {
  if (Buffer.byteLength(text, 'utf8') > LONGEST_NAME_BYTES || !FILE_NAME.test(text)) return undefined;
  return text.trim() !== text || text === '.' || text === '..' ? undefined : text;
}

/** Matches a media type without parameters, in lower case (RFC 6838, section 4.2). */
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/;

/** Accepts a file name. */
export const fileName = parsed(parseFileName);

/** Accepts a media type. */
export const mediaType = z.string().check(z.regex(MEDIA_TYPE));

const SHA256 = /^[0-9a-f]{64}$/;

/** Matches eight bytes in base64, as S3 writes a CRC-64/NVME. */
const CRC64NVME = /^[A-Za-z0-9+/]{10}[AEIMQUYcgkosw048]=$/;

/** Accepts the checksum of a file that is sent in parts. */
export const crc64nvme = z.string().check(z.regex(CRC64NVME));

/** Accepts a size in bytes. */
export const size = z.int().check(z.minimum(1));

/** Checks the body of `POST /uploads`. One checksum decides how the file is sent: whole, or in parts. */
export const uploadRequest = z
  .strictObject({
    fileName,
    size,
    type: mediaType,
    sha256: z.optional(z.string().check(z.regex(SHA256))),
    crc64nvme: z.optional(crc64nvme),
  })
  .check(
    z.refine(({ sha256, crc64nvme }) => (sha256 === undefined) !== (crc64nvme === undefined), {
      path: ['sha256'],
    }),
  );

/** Returns what a request declares. */
export function declaredIn({
  fileName,
  size,
  type,
  sha256,
  crc64nvme = '',
}: z.output<typeof uploadRequest>): Declared {
  const checksum =
    sha256 === undefined
      ? ({ kind: 'crc64nvme', base64: crc64nvme } as const)
      : ({ kind: 'sha256', base64: Buffer.from(sha256, 'hex').toString('base64') } as const);
  return { fileName, size, type, checksum };
}

const MOST_PARTS_SIGNED = 50;
const partNumber = z.int().check(z.minimum(1), z.maximum(10_000));

/** Accepts the numbers of the parts to sign at once. */
export const partNumbers = z.array(partNumber).check(z.minLength(1), z.maxLength(MOST_PARTS_SIGNED));

/** Checks the body of `POST /uploads/{uploadId}/parts`. */
export const partsRequest = z.strictObject({ partNumbers });

/** Accepts a whole number of a query. */
export const numeral = (min: number, max: number) =>
  z.pipe(
    z.string().check(z.regex(/^\d{1,5}$/)),
    z.pipe(z.transform(Number), z.int().check(z.minimum(min), z.maximum(max))),
  );

/** Checks the query of `GET /uploads/{uploadId}/parts`. The cursor is the last part of the page before. */
export const partsQuery = z.strictObject({ cursor: z.optional(numeral(1, 10_000)) });

/** Checks the path of `/uploads/{uploadId}`. */
export const uploadPath = z.strictObject({ uploadId: parsed(parseUploadId) });

/** Checks the path of `/objects/{objectId}`. */
export const objectPath = z.strictObject({ objectId: parsed(parseObjectId) });

/** Checks the query of `GET /objects/{objectId}/download-url`. */
export const downloadQuery = z.strictObject({ expiresIn: z._default(z.optional(numeral(60, 300)), 60) });

/** Reads where a page ended, as the page itself says. */
function parsePilePosition(text: string): PilePosition | undefined {
  return /^\d{1,12}\.c[0-9a-f]{31}$/.test(text) ? (text as PilePosition) : undefined;
}

/** Checks the query of `GET /operator/uploads`. */
export const uploadsQuery = z.strictObject({
  state: z._default(
    z.enum([
      'created',
      'uploaded',
      'finalized',
      'clean',
      'published',
      'rejected',
      'parked',
      'expired',
      'closing',
    ]),
    'parked',
  ),
  limit: z._default(z.optional(numeral(1, 100)), 20),
  cursor: z.optional(parsed(parsePilePosition)),
});
