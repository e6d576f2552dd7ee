import type { RefusalOf } from '../errors.ts';
import { epochSeconds, type ObjectId, secondsAfter, type Tenant } from '../ids.ts';
import type { Clock } from '../ports.ts';
import { fail, ok, type Result } from '../result.ts';
import { findUpload } from './find-upload.ts';
import type { Quarantine, UploadHistory, Uploads } from './ports.ts';
import { type Upload, uploadOf, type Version } from './upload.ts';

export interface PublishedDependencies {
  readonly uploads: Pick<Uploads, 'find'>;
}

/** Published upload, with the version that finalize checked. */
export type PublishedUpload = Upload & { readonly version: Version };

/** Finds a tenant's published object. */
export async function findPublished(
  deps: PublishedDependencies,
  objectId: ObjectId,
  tenant: Tenant,
): Promise<Result<PublishedUpload, RefusalOf<'not_found' | 'not_published'>>> {
  const found = await findUpload(deps, uploadOf(objectId), tenant);
  if (!found.ok) return found;
  const { version } = found.value;
  return found.value.state === 'published' && version !== undefined
    ? ok({ ...found.value, version })
    : fail({ code: 'not_published' });
}

export interface DownloadDependencies extends PublishedDependencies {
  readonly clock: Clock;
  readonly quarantine: Pick<Quarantine, 'presignGet'>;
  readonly history: Pick<UploadHistory, 'append'>;
}

/**
 * Signs a URL for a published object. The bucket policy still refuses to serve a version that is tagged neither as
 * clean nor as released.
 */
export async function downloadObject(
  deps: DownloadDependencies,
  { objectId, tenant, seconds }: { objectId: ObjectId; tenant: Tenant; seconds: number },
): Promise<
  Result<{ readonly url: string; readonly expiresAt: number }, RefusalOf<'not_found' | 'not_published'>>
> {
  const published = await findPublished(deps, objectId, tenant);
  if (!published.ok) return published;
  const at = deps.clock();
  const { uploadId, version } = published.value;
  const url = await deps.quarantine.presignGet(published.value, version, seconds);
  await deps.history.append({ uploadId, at, event: 'download' });
  return ok({ url, expiresAt: secondsAfter(epochSeconds(at), seconds) });
}
