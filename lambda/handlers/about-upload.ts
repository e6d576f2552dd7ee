import type { UploadId } from '../domain/ids.ts';
import type { Reply } from '../http/api-handler.ts';
import { check } from '../http/check.ts';
import { refuseProgram } from '../http/refuse-program.ts';
import type { ApiRequest } from '../http/request.ts';
import { uploadPath } from '../http/upload-request.ts';

/** Handles a request about the upload named in its path, and adds the upload ID to the log line. */
export async function aboutUpload(
  request: ApiRequest,
  handle: (uploadId: UploadId) => Promise<Reply>,
): Promise<Reply> {
  const path = check(uploadPath, request.path, 'uploadId');
  if (!path.ok) return refuseProgram(request, { code: 'not_found' });
  const { uploadId } = path.value;
  return { ...(await handle(uploadId)), uploadId };
}
