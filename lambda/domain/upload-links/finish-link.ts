import type { Refusal } from '../errors.ts';
import { epochSeconds } from '../ids.ts';
import { fail, ok, type Result } from '../result.ts';
import { advance } from '../uploads/advance.ts';
import { finalizeUpload } from '../uploads/finalize-upload.ts';
import { withoutSlots } from './advance-file.ts';
import { type FinalizeFileDependencies, isHalfSent, isSent, type LinkFiles } from './link-files.ts';
import { withFiles } from './own-links.ts';
import type { LinkMailQueue } from './ports.ts';
import { type PresentDependencies, presentLink, whileOpen } from './present-link.ts';
import { type RewriteDependencies, rewriteLink } from './rewrite-link.ts';
import { linkStateOf, type UploadLink } from './upload-link.ts';

export interface FinishDependencies
  extends PresentDependencies,
    RewriteDependencies,
    FinalizeFileDependencies {
  readonly links: PresentDependencies['links'] & RewriteDependencies['links'];
  readonly queue: LinkMailQueue;
}

/**
 * Finalizes the files whose arrival S3 has reported. Then spends the link if at least one file was finalized and none
 * still has to be sent or finalized. Repeating the call changes nothing: the e-mails are queued again, but each is sent
 * only once.
 */
export async function finishLink(
  deps: FinishDependencies,
  text: string,
): Promise<Result<LinkFiles, Refusal>> {
  const presented = await presentLink(deps, text);
  if (!presented.ok) return presented;
  const { linkId } = presented.value;
  await settleFiles(deps, presented.value);
  const finished = await rewriteLink(deps, linkId, async (link) => {
    if (link.state === 'finished') return ok(undefined);
    const now = epochSeconds(deps.clock());
    const open = whileOpen(link, now);
    if (!open.ok) return open;
    const { files } = await withFiles(deps, link);
    // Places that have no upload yet are dropped.
    const places = link.files.filter((place) => files.some(({ uploadId }) => uploadId === place.uploadId));
    const isComplete = files.some(isSent) && !files.some(isHalfSent);
    if (!isComplete) return fail({ code: 'upload_incomplete' });
    return ok({ state: 'finished', endedAt: now, files: places, step: { event: 'finished' } });
  });
  if (!finished.ok) return finished;
  const { to, notify } = finished.value;
  if (to !== undefined) await deps.queue.sendLinkMail(linkId, 'received');
  if (notify !== undefined) await deps.queue.sendLinkMail(linkId, 'arrived');
  const { link, files } = await withFiles(deps, finished.value);
  return ok({ link, files: files.map((upload) => ({ upload, storedParts: [] })) });
}

/**
 * Finalizes the files that were sent with a form, because a browser without JavaScript cannot request that, and those
 * that have arrived without being finalized, because the page may have been closed. Files whose form was opened but
 * never sent are cancelled, and files whose session is over time out.
 */
async function settleFiles(deps: FinishDependencies, link: UploadLink): Promise<void> {
  const now = epochSeconds(deps.clock());
  if (linkStateOf(link, now) !== 'open') return;
  const { files } = await withFiles(deps, link);
  for (const upload of files.filter(isHalfSent)) {
    if (now >= upload.sessionExpiresAt) {
      await advance(withoutSlots(deps), upload.uploadId, { kind: 'timed-out' });
      continue;
    }
    const isForm = upload.checksum.kind === 'form';
    if (!isForm && upload.state === 'created') continue;
    const finalized = await finalizeUpload(withoutSlots(deps), upload.uploadId, link.tenant);
    if (!finalized.ok && isForm) await advance(withoutSlots(deps), upload.uploadId, { kind: 'cancelled' });
  }
}
