import { ListPartsCommand, type S3Client } from '@aws-sdk/client-s3';
import { fail, ok } from '../domain/result.ts';
import type { Quarantine } from '../domain/uploads/ports.ts';
import { keyOfUpload } from '../domain/uploads/upload.ts';
import { callService, errorName } from './service-fault.ts';

/** Name of the port in errors. */
export const PORT = 'quarantine';

/** Creates a function that lists stored parts, up to a thousand at a time. */
export function partsIn(client: S3Client, bucket: string): Quarantine['parts'] {
  return async ({ uploadId, multipartId }, after) => {
    const list = new ListPartsCommand({
      Bucket: bucket,
      Key: keyOfUpload(uploadId),
      UploadId: multipartId,
      PartNumberMarker: after === undefined ? undefined : String(after),
    });
    try {
      const page = await callService(PORT, () => client.send(list));
      const parts = (page.Parts ?? []).map(({ PartNumber = 0, Size = 0, ETag = '' }) => ({
        partNumber: PartNumber,
        size: Size,
        eTag: ETag,
      }));
      const next = page.IsTruncated === true ? parts.at(-1)?.partNumber : undefined;
      return ok({ parts, ...(next !== undefined && { next }) });
    } catch (error) {
      if (errorName(error) === 'NoSuchUpload') return fail('gone');
      throw error;
    }
  };
}
