import { epochSeconds } from '../ids.ts';
import { ok } from '../result.ts';
import type { Uploads } from '../uploads/ports.ts';
import { hasEnded } from '../uploads/states.ts';
import { withFiles } from './own-links.ts';
import type { LinkMailQueue, UploadLinks } from './ports.ts';
import { lineOfLink, type RewriteDependencies, rewriteLink } from './rewrite-link.ts';

export interface TellDependencies extends RewriteDependencies {
  readonly links: Pick<UploadLinks, 'find' | 'change' | 'untold'>;
  readonly uploads: Pick<Uploads, 'find'>;
  readonly queue: LinkMailQueue;
}

/**
 * Notifies inviters of the outcome of their links, once a link is finished or has expired and all of its files are
 * published, rejected, or expired. Runs may overlap or stop at any point; each outcome is still mailed only once.
 *
 * @param fault called for each link that could not be handled; the next run retries it
 * @returns the number of links that were handled, and the number that failed
 */
export async function tellOutcomes(
  deps: TellDependencies,
  fault: (cause: unknown) => void,
): Promise<{ readonly told: number; readonly failed: number }> {
  let told = 0;
  let failed = 0;
  for await (const listed of deps.links.untold(epochSeconds(deps.clock()))) {
    try {
      const { link, files } = await withFiles(deps, listed);
      if (!files.every(hasEnded)) continue;
      // After a crash, the line about an extension may be missing. Without it, the outcome would not be mailed again.
      await deps.linkHistory.append(lineOfLink(link));
      if (link.notify !== undefined) await deps.queue.sendLinkMail(link.linkId, 'outcome');
      await rewriteLink(deps, link.linkId, (standing) =>
        // If the link was extended in the meantime, its inviter is notified when it ends again.
        ok(
          standing.told || standing.revision !== listed.revision
            ? undefined
            : { told: true, step: { event: 'told' } },
        ),
      );
      told += 1;
    } catch (cause) {
      failed += 1;
      fault(cause);
    }
  }
  return { told, failed };
}
