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

/** Changed fields of a link, and the step to record in the history. */
type Change = Partial<Pick<UploadLink, 'state' | 'endedAt' | 'expiresAt' | 'files' | 'told'>> & {
  readonly step: LinkStep;
};

/** Returns the change to make to the current link; `undefined` if nothing has to be written. */
type Decide = (
  link: UploadLink,
) => Result<Change | undefined, Refusal> | Promise<Result<Change | undefined, Refusal>>;

/** Maximum number of attempts if other writes keep winning the race. No writer loses that often in a row. */
const MOST_TRIES = 8;

/**
 * Rewrites a link. After every lost race, `decide` is called again with the current link. The line of each revision is
 * appended to the history before the next revision is written, so a crash in between loses no line.
 *
 * @returns the resulting link, the refusal that `decide` returned, or `not_found` if the link does not exist
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

/**
 * Returns the next revision. Its time is always later than the previous revision's, because the history is sorted by
 * time, and clocks differ.
 */
function revised({ revision, changedAt }: UploadLink, now: Date): Pick<UploadLink, 'revision' | 'changedAt'> {
  return { revision: revision + 1, changedAt: new Date(Math.max(now.getTime(), changedAt.getTime() + 1)) };
}

/** Returns the history line of a link's last write. */
export function lineOfLink({ linkId, changedAt, revision, step }: UploadLink): LinkLine {
  return { linkId, at: changedAt, revision, ...step };
}
