import { epochSeconds } from '../ids.ts';
import type { Quota } from '../ports.ts';
import { type AdvanceDependencies, rewrite } from './advance.ts';
import { openSlot } from './limits.ts';
import type { Quarantine } from './ports.ts';
import { afterClosing } from './states.ts';
import type { Upload } from './upload.ts';

export interface CloseDependencies extends AdvanceDependencies {
  readonly quarantine: Pick<Quarantine, 'removeAllBut'>;
  readonly quota: Pick<Quota, 'refund'>;
  readonly limits: { readonly sessionSeconds: number };
}

/**
 * Tidies up after an upload that has ended: deletes what was not published, and frees the tenant's slot. Whatever fails is
 * done again by the sweep, because the upload stays on the pile `closing` until all of it is done.
 */
export async function closeUpload(deps: CloseDependencies, upload: Upload): Promise<void> {
  if (upload.closed) return;
  const { uploadId, tenant, state, version, sessionExpiresAt } = upload;
  await deps.quarantine.removeAllBut(uploadId, state === 'published' ? version?.versionId : undefined);
  let slot: number | undefined;
  await rewrite(deps, uploadId, (standing) => {
    const closes = !standing.closed && standing.state === state;
    slot = closes ? standing.slot : undefined;
    return closes ? afterClosing(standing, deps.clock()) : undefined;
  });
  // Only one of several that close it at the same time frees the slot, and only while nobody else can have it.
  if (slot === undefined || epochSeconds(deps.clock()) >= sessionExpiresAt) return;
  await deps.quota.refund(openSlot(tenant, slot, deps.limits));
}
