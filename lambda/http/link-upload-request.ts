import * as z from 'zod/mini';
import { parseUploadId } from '../domain/ids.ts';
import { parsed } from './check.ts';
import { token } from './schemas.ts';
import { crc64nvme, fileName, mediaType, partNumbers, size } from './upload-request.ts';

/* Schemas of requests by holders of upload links. The token is in the body. */

const uploadId = parsed(parseUploadId);

/** Body of `POST /upload/open`. */
export const openFileBody = z.strictObject({
  token,
  fileName,
  size,
  type: mediaType,
  crc64nvme,
});

/** Body of `POST /upload/form`. */
export const formBody = z.strictObject({ token, fileName });

/** Body of `POST /upload/parts`. */
export const filePartsBody = z.strictObject({ token, uploadId, partNumbers });

/** Body of `POST /upload/finalize` and `POST /upload/remove`. */
export const fileBody = z.strictObject({ token, uploadId });
