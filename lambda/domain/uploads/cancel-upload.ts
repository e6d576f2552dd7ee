import type { RefusalOf } from '../errors.ts';
import type { Tenant, UploadId } from '../ids.ts';
import { fail, ok, type Result } from '../result.ts';
import { type AdvanceDependencies, advance } from './advance.ts';
import { findUpload } from './find-upload.ts';

/**
 * Cancels a session. Repeating the call changes nothing. The sweep deletes what S3 has already stored. A file that
 * arrives later is deleted when the message about it is handled.
 */
export async function cancelUpload(
  deps: AdvanceDependencies,
  uploadId: UploadId,
  tenant: Tenant,
): Promise<Result<void, RefusalOf<'not_found' | 'already_published'>>> {
  const found = await findUpload(deps, uploadId, tenant);
  if (!found.ok) return found;
  const after = await advance(deps, uploadId, { kind: 'cancelled' });
  return after?.state === 'published' ? fail({ code: 'already_published' }) : ok(undefined);
}
