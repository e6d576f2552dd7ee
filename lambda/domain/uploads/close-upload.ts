import type { Quota } from '../ports.ts';
import { type AdvanceDependencies, rewrite } from './advance.ts';
import { openSlot } from './limits.ts';
import type { Quarantine } from './ports.ts';
import { afterClosing } from './states.ts';
import type { Upload } from './upload.ts';

/** Lists what frees the slot of an upload that has ended. */
export interface SlotDependencies extends AdvanceDependencies {
  readonly quota: Pick<Quota, 'refund'>;
  readonly limits: { readonly sessionSeconds: number };
}

export interface CloseDependencies extends SlotDependencies {
  readonly quarantine: Pick<Quarantine, 'removeAll'>;
}

/**
 * Tidies up after an upload that has ended: deletes what was not published, and frees the tenant's slot. Whatever fails is
 * done again by the sweep, because the upload stays on the pile `closing` until all of it is done.
 */
export async function closeUpload(deps: CloseDependencies, upload: Upload): Promise<void> {
  if (upload.closed) return;
  if (upload.state !== 'published') await deps.quarantine.removeAll(upload.uploadId);
  await markClosed(deps, upload);
}

/** Closes an upload of which nothing has to be deleted: one that is published. */
export async function closePublished(deps: SlotDependencies, upload: Upload): Promise<void> {
  if (upload.state === 'published' && !upload.closed) await markClosed(deps, upload);
}

async function markClosed(deps: SlotDependencies, upload: Upload): Promise<void> {
  let closing = false;
  await rewrite(deps, upload.uploadId, (standing) => {
    closing = !standing.closed && standing.state === upload.state;
    return closing ? afterClosing(standing, deps.clock()) : undefined;
  });
  // Only one of several that close it at the same time frees the slot, which somebody else may have by then.
  if (closing) await deps.quota.refund(openSlot(upload.tenant, upload.slot, deps.limits));
}
