import { z } from 'zod';
import { CommandFailure } from '../tvm/command-failure.ts';

/** The states of uploads that are in progress or parked. */
export const OPEN_STATES = ['created', 'uploaded', 'finalized', 'clean', 'parked'] as const;
export const UPLOAD_STATES = [...OPEN_STATES, 'published', 'rejected', 'expired'] as const;
export type UploadState = (typeof UPLOAD_STATES)[number];

/** An upload as the API returns it to its owner. Other members are dropped, because one of them is a URL. */
export const Upload = z.object({
  uploadId: z.string(),
  objectId: z.string(),
  state: z.enum(UPLOAD_STATES),
  fileName: z.string(),
  size: z.number(),
  type: z.string(),
  createdAt: z.string(),
  sessionExpiresAt: z.iso.datetime(),
  reason: z.string().exactOptional(),
});
export type Upload = z.infer<typeof Upload>;

/** A request that S3 accepts for two minutes. The URL is a secret. */
const SignedPut = z.object({ url: z.url(), headers: z.record(z.string(), z.string()) });
export type SignedPut = z.infer<typeof SignedPut>;

/** The response to `POST /uploads`. Has a `partSize` if the file is sent in parts, and no URL once S3 has the file. */
export const UploadSession = z.object({
  ...Upload.shape,
  ...SignedPut.partial().shape,
  partSize: z.int().positive().exactOptional(),
});
export type UploadSession = z.infer<typeof UploadSession>;

const Part = z.object({ partNumber: z.int(), size: z.int() });

/** The response to `POST /uploads/{uploadId}/parts`. */
export const SignedParts = z.object({ parts: z.array(Part.extend(SignedPut.shape)) });
export type SignedPart = z.infer<typeof SignedParts>['parts'][number];

/** A page of the parts that S3 has. */
export const StoredParts = z.object({ parts: z.array(Part), cursor: z.string().exactOptional() });

/** An upload of any tenant. The size of a file that is sent through a form is unknown until the file has arrived. */
export const AnyUpload = z.looseObject({ ...Upload.shape, size: z.number().exactOptional() });

/** An upload as operators see it. `--json` also prints members that later versions add. */
export const ReviewedUpload = AnyUpload.extend({
  tenant: z.string(),
  changedAt: z.string(),
  verdict: z.string().exactOptional(),
  versionId: z.string().exactOptional(),
});
export type ReviewedUpload = z.infer<typeof ReviewedUpload>;

export const ReviewedPage = z.object({
  uploads: z.array(ReviewedUpload),
  cursor: z.string().exactOptional(),
});

export const UploadWithHistory = ReviewedUpload.extend({
  history: z.array(
    z.looseObject({
      at: z.string(),
      event: z.string(),
      by: z.string().exactOptional(),
      result: z.string().exactOptional(),
      reason: z.string().exactOptional(),
    }),
  ),
});
export type UploadWithHistory = z.infer<typeof UploadWithHistory>;

/**
 * Reads the ID of an object.
 *
 * @throws CommandFailure if the text is not the ID of an object
 */
export function readObjectId(text: string): string {
  if (/^d[0-9a-f]{31}$/.test(text)) return text;
  throw new CommandFailure(
    'usage',
    'This is not the ID of an object.',
    'An ID is a "d" and 31 hexadecimal digits. "tvm upload" prints it, and "tvm uploads show" shows it.',
  );
}

/**
 * Reads the ID of an upload. The ID of its object also works, because only the first letter differs.
 *
 * @throws CommandFailure if the text is neither
 */
export function readUploadId(text: string): string {
  if (/^[cd][0-9a-f]{31}$/.test(text)) return `c${text.slice(1)}`;
  throw new CommandFailure(
    'usage',
    'This is not the ID of an upload.',
    'An ID is a "c" or "d" and 31 hexadecimal digits. "tvm uploads" lists the IDs.',
  );
}
