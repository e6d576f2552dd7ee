import { type AdvanceDependencies, rewrite } from './advance.ts';
import type { Quarantine } from './ports.ts';
import { afterClosing } from './states.ts';
import type { Upload } from './upload.ts';

export interface CloseDependencies extends AdvanceDependencies {
  readonly quarantine: Pick<Quarantine, 'removeAllBut'>;
}

/**
 * Closes an upload that has ended: deletes every version except the published one. If this fails, the upload stays on
 * the `closing` list, and the sweep tries again.
 */
export async function closeUpload(deps: CloseDependencies, upload: Upload): Promise<void> {
  if (upload.closed) return;
  const { uploadId, state, version } = upload;
  await deps.quarantine.removeAllBut(uploadId, state === 'published' ? version?.versionId : undefined);
  await rewrite(deps, uploadId, (standing) =>
    standing.closed || standing.state !== state ? undefined : afterClosing(standing, deps.clock()),
  );
}
