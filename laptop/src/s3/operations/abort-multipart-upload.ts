import { empty, type Reply } from '../reply.ts';
import type { BucketCall } from './call.ts';
import { findUpload, noSuchUpload } from './find-upload.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html */
export async function abortMultipartUpload(call: BucketCall): Promise<Reply> {
  const found = await findUpload(call, 's3:AbortMultipartUpload');
  if (found.kind === 'failure') return found;
  const { upload } = found;
  return upload.exclusively(async () => {
    if (!call.bucket.uploads.isOpen(upload)) return noSuchUpload(call);
    call.bucket.uploads.remove(upload);
    return empty(204);
  });
}
