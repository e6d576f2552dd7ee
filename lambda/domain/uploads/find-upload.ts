import type { RefusalOf } from '../errors.ts';
import type { Tenant, UploadId } from '../ids.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Uploads } from './ports.ts';
import type { Upload } from './upload.ts';

/** Finds a tenant's upload. Another tenant's upload causes the same read and response as a missing one. */
export async function findUpload(
  { uploads }: { readonly uploads: Pick<Uploads, 'find'> },
  uploadId: UploadId,
  tenant: Tenant,
): Promise<Result<Upload, RefusalOf<'not_found'>>> {
  const upload = await uploads.find(uploadId);
  return upload?.tenant === tenant ? ok(upload) : fail({ code: 'not_found' });
}
