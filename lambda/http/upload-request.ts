import * as z from 'zod/mini';
import { parseObjectId, parseUploadId } from '../domain/ids.ts';
import { UNSAFE_CHARACTERS } from '../domain/unsafe-characters.ts';
import type { PilePosition } from '../domain/uploads/ports.ts';
import { type Declared, UPLOAD_STATES } from '../domain/uploads/upload.ts';
import { parsed } from './check.ts';

/* Schemas of tenants' and operators' requests about uploads. */

const LONGEST_NAME_BYTES = 255;

/** Matches a file name: one line of text without unsafe characters or path separators. */
const FILE_NAME = new RegExp(String.raw`^[^/\\${UNSAFE_CHARACTERS}]+$`, 'u');

/**
 * Parses the file name for downloads.
 *
 * @returns `undefined` for a name that file systems do not accept, that leads out of its folder, or that is misleading
 */
function parseFileName(text: string): string | undefined {
  if (Buffer.byteLength(text, 'utf8') > LONGEST_NAME_BYTES || !FILE_NAME.test(text)) return undefined;
  return text.trim() !== text || text === '.' || text === '..' ? undefined : text;
}

/** Matches a media type without parameters, in lower case (RFC 6838, section 4.2). */
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/;

export const fileName = parsed(parseFileName);

export const mediaType = z.string().check(z.regex(MEDIA_TYPE));

const SHA256 = /^[0-9a-f]{64}$/;

/** Matches a CRC-64/NVME in base64, as S3 writes it: eight bytes. */
const CRC64NVME = /^[A-Za-z0-9+/]{10}[AEIMQUYcgkosw048]=$/;

/** Checksum of a file that is sent in parts. */
export const crc64nvme = z.string().check(z.regex(CRC64NVME));

/** Size in bytes. */
export const size = z.int().check(z.minimum(1));

/** Body of `POST /uploads`. The kind of checksum decides whether the file is sent in one PUT or in parts. */
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

/** Returns what a request declares about its file. */
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

/** Numbers of the parts to sign. */
export const partNumbers = z.array(partNumber).check(z.minLength(1), z.maxLength(MOST_PARTS_SIGNED));

/** Body of `POST /uploads/{uploadId}/parts`. */
export const partsRequest = z.strictObject({ partNumbers });

/** Creates the schema of a whole number in a query. */
export const numeral = (min: number, max: number) =>
  z.pipe(
    z.string().check(z.regex(/^\d{1,5}$/)),
    z.pipe(z.transform(Number), z.int().check(z.minimum(min), z.maximum(max))),
  );

/** Query of `GET /uploads/{uploadId}/parts`. The cursor is the number of the last part on the previous page. */
export const partsQuery = z.strictObject({ cursor: z.optional(numeral(1, 10_000)) });

/** Path parameters of `/uploads/{uploadId}`. */
export const uploadPath = z.strictObject({ uploadId: parsed(parseUploadId) });

/** Path parameters of `/objects/{objectId}`. */
export const objectPath = z.strictObject({ objectId: parsed(parseObjectId) });

/** Query of `GET /objects/{objectId}/download-url`. */
export const downloadQuery = z.strictObject({ expiresIn: z._default(z.optional(numeral(60, 300)), 60) });

function parsePilePosition(text: string): PilePosition | undefined {
  return /^\d{1,12}\.c[0-9a-f]{31}$/.test(text) ? (text as PilePosition) : undefined;
}

/** Query of `GET /operator/uploads`. */
export const uploadsQuery = z.strictObject({
  state: z._default(z.enum([...UPLOAD_STATES, 'closing']), 'parked'),
  limit: z._default(z.optional(numeral(1, 100)), 20),
  cursor: z.optional(parsed(parsePilePosition)),
});
