import { type Refusal, Unavailable } from '../errors.ts';
import type { LinkId } from '../ids.ts';
import type { Clock } from '../ports.ts';
import { fail, ok, type Result } from '../result.ts';
import type { UploadLinkHistory, UploadLinks } from './ports.ts';
import type { LinkLine, LinkStep, UploadLink } from './upload-link.ts';

export interface RewriteDependencies {
  readonly clock: Clock;
  readonly links: Pick<UploadLinks, 'find' | 'change'>;
  readonly linkHistory: Pick<UploadLinkHistory, 'append'>;
}

/** Holds what a step changes. */
type Change = Partial<Pick<UploadLink, 'state' | 'endedAt' | 'expiresAt' | 'files' | 'told'>> & {
  readonly step: LinkStep;
};

/** Decides about a link as it stands: a change, or `undefined` if nothing is to be written. */
type Decide = (
  link: UploadLink,
) => Result<Change | undefined, Refusal> | Promise<Result<Change | undefined, Refusal>>;

/** Sets how often a write is tried anew after somebody else's write, which no two callers lose for long. */
const MOST_TRIES = 8;

/**
 * Rewrites a link. The decision is made anew after every write of somebody else's. The history has the line of every
 * revision before the next one is written, so that a crash in between loses none.
 *
 * @returns the link afterwards, or the refusal that `decide` returned
 */
export async function rewriteLink(
  { clock, links, linkHistory }: RewriteDependencies,
  linkId: LinkId,
  decide: Decide,
): Promise<Result<UploadLink, Refusal>> {
  for (let tried = 0; tried < MOST_TRIES; tried += 1) {
    const link = await links.find(linkId);
    if (link === undefined) return fail({ code: 'not_found' });
    await linkHistory.append(lineOfLink(link));
    const decided = await decide(link);
    if (!decided.ok) return decided;
    if (decided.value === undefined) return ok(link);
    const next = { ...link, ...decided.value, ...revised(link, clock()) };
    if ((await links.change(link, next)) === 'changed') {
      await linkHistory.append(lineOfLink(next));
      return ok(next);
    }
  }
  throw new Unavailable('upload links', 'the link kept changing');
}

/** Counts a write. It is always later than the one before, because the history is sorted by time and clocks differ. */
function revised({ revision, changedAt }: UploadLink, now: Date): Pick<UploadLink, 'revision' | 'changedAt'> {
  return { revision: revision + 1, changedAt: new Date(Math.max(now.getTime(), changedAt.getTime() + 1)) };
}

/** Returns the line that the history holds of a link's last write. */
export function lineOfLink({ linkId, changedAt, revision, step }: UploadLink): LinkLine {
  return { linkId, at: changedAt, revision, ...step };
}
