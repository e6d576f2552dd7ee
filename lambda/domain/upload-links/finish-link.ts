import type { Refusal } from '../errors.ts';
import { epochSeconds } from '../ids.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Uploads } from '../uploads/ports.ts';
import { isHalfSent, isSent } from './link-files.ts';
import { type LinkWithFiles, withFiles } from './own-links.ts';
import type { LinkMailQueue } from './ports.ts';
import { type PresentDependencies, presentLink, whileOpen } from './present-link.ts';
import { type RewriteDependencies, rewriteLink } from './rewrite-link.ts';

export interface FinishDependencies extends PresentDependencies, RewriteDependencies {
  readonly links: PresentDependencies['links'] & RewriteDependencies['links'];
  readonly uploads: Pick<Uploads, 'find'>;
  readonly queue: LinkMailQueue;
}

/**
 * Spends a link: at least one file was handed in, and none is half sent. Finishing it again changes nothing, and queues the
 * mails again, which are sent once.
 */
export async function finishLink(
  deps: FinishDependencies,
  text: string,
): Promise<Result<LinkWithFiles, Refusal>> {
  const presented = await presentLink(deps, text);
  if (!presented.ok) return presented;
  const { linkId } = presented.value;
  const finished = await rewriteLink(deps, linkId, async (link) => {
    if (link.state === 'finished') return ok(undefined);
    const now = epochSeconds(deps.clock());
    const open = whileOpen(link, now);
    if (!open.ok) return open;
    const { files } = await withFiles(deps, link);
    const isComplete = files.some(isSent) && !files.some(isHalfSent);
    if (!isComplete) return fail({ code: 'upload_incomplete' });
    return ok({ state: 'finished', endedAt: now, step: { event: 'finished' } });
  });
  if (!finished.ok) return finished;
  const { to, notify } = finished.value;
  if (to !== undefined) await deps.queue.sendLinkMail(linkId, 'received');
  if (notify !== undefined) await deps.queue.sendLinkMail(linkId, 'arrived');
  return ok(await withFiles(deps, finished.value));
}
