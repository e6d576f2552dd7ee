import * as z from 'zod/mini';
import { parseUploadId } from '../domain/ids.ts';
import { parsed } from './check.ts';
import { token } from './schemas.ts';
import { crc64nvme, fileName, mediaType, partNumbers, size } from './upload-request.ts';

/* What the holder of an upload link sends. The token travels in the body. */

const uploadId = parsed(parseUploadId);

/** Checks the body of `POST /upload/open`. */
export const openFileBody = z.strictObject({
  token,
  fileName,
  size,
  type: mediaType,
  crc64nvme,
});

/** Checks the body of `POST /upload/form`. */
export const formBody = z.strictObject({ token, fileName });

/** Checks the body of `POST /upload/parts`. */
export const filePartsBody = z.strictObject({ token, uploadId, partNumbers });

/** Checks the body of `POST /upload/finalize` and `POST /upload/remove`. */
export const fileBody = z.strictObject({ token, uploadId });
