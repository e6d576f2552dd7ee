import { epochSeconds } from '../ids.ts';
import { type AdvanceDependencies, advance, rewrite } from './advance.ts';
import { type CloseDependencies, closeUpload } from './close-upload.ts';
import { resultOf } from './judge-upload.ts';
import type { Pile, Quarantine, Scanner, Uploads } from './ports.ts';
import { afterAsking, type Fact, hasEnded, isDecided } from './states.ts';
import type { Upload } from './upload.ts';

export interface SweepDependencies extends AdvanceDependencies, CloseDependencies {
  readonly uploads: Uploads;
  readonly quarantine: Pick<Quarantine, 'removeAllBut' | 'abort' | 'tagOf'>;
  readonly scanner: Scanner;
}

/** Results of a sweep, for the log and the alarms. */
export interface Swept {
  readonly expired: number;
  readonly asked: number;
  readonly published: number;
  readonly rejected: number;
  readonly parked: number;
  /** Unpublished uploads that had ended before, and whose objects were deleted. */
  readonly deleted: number;
  /** Uploads that could not be handled. They stay due. */
  readonly failed: number;
  /** Time since the most overdue finalized upload became due, in seconds; 0 if none is due. */
  readonly oldestSeconds: number;
}

/** Number of times that a missing verdict is requested again. After that, an operator has to decide. */
const MOST_ASKED = 3;

/** Maximum number of uploads that one sweep handles per list. The next sweep handles the rest. */
const MOST_SWEPT = 100;

/** Lists to sweep, with the most urgent list first. */
const PILES: readonly Pile[] = ['finalized', 'closing', 'created', 'uploaded', 'clean', 'parked'];

/**
 * Handles due uploads: looks up or requests missing verdicts, parks uploads whose verdict never came, ends expired
 * sessions, and closes ended uploads. Sweeps may run concurrently, and may stop at any point.
 */
export async function sweepUploads(deps: SweepDependencies, fault: (cause: unknown) => void): Promise<Swept> {
  const now = epochSeconds(deps.clock());
  const counts = {
    expired: 0,
    asked: 0,
    published: 0,
    rejected: 0,
    parked: 0,
    deleted: 0,
    failed: 0,
    oldestSeconds: 0,
  };
  for (const pile of PILES) {
    const { uploads } = await deps.uploads.pile(pile, { limit: MOST_SWEPT, dueUntil: now });
    for (const { uploadId } of uploads) {
      try {
        // The list is eventually consistent, so the upload may have changed.
        const upload = await deps.uploads.find(uploadId);
        if (upload === undefined || upload.dueAt > now) continue;
        if (upload.state === 'finalized') {
          counts.oldestSeconds = Math.max(counts.oldestSeconds, now - upload.dueAt);
        }
        const done = await handle(deps, upload, now);
        if (done !== 'nothing') counts[done] += 1;
      } catch (cause) {
        counts.failed += 1;
        fault(cause);
      }
    }
  }
  return counts;
}

/** Outcome for one upload: a counter in {@link Swept}, or `nothing`. */
type Done = 'expired' | 'asked' | 'published' | 'rejected' | 'parked' | 'deleted' | 'nothing';

async function handle(deps: SweepDependencies, upload: Upload, now: number): Promise<Done> {
  if (hasEnded(upload)) return await close(deps, upload);
  if (upload.state === 'finalized') return await askForVerdict(deps, upload);
  if (now < upload.sessionExpiresAt) return 'nothing';
  const after = await advance(deps, upload.uploadId, { kind: 'timed-out' });
  if (after !== undefined && hasEnded(after)) await close(deps, after);
  return after?.state === 'expired' ? 'expired' : 'nothing';
}

async function close(deps: SweepDependencies, upload: Upload): Promise<Done> {
  if (upload.closed) return 'nothing';
  await deps.quarantine.abort(upload);
  await closeUpload(deps, upload);
  return upload.state === 'published' ? 'nothing' : 'deleted';
}

/**
 * Reads the tag, in case only the message was lost. If there is no tag, requests another scan, or parks the upload
 * after {@link MOST_ASKED} requests.
 */
async function askForVerdict(deps: SweepDependencies, { uploadId, version, asked }: Upload): Promise<Done> {
  if (version === undefined) return 'nothing';
  const { versionId } = version;
  const tag = await deps.quarantine.tagOf(uploadId, versionId);
  if (tag === undefined && asked < MOST_ASKED) {
    await deps.scanner.scan(uploadId, versionId);
    await rewrite(deps, uploadId, (standing) =>
      standing.state === 'finalized' && standing.asked === asked
        ? afterAsking(standing, deps.clock())
        : undefined,
    );
    return 'asked';
  }
  const fact: Fact =
    tag === undefined ? { kind: 'unanswered' } : { kind: 'verdict', versionId, result: resultOf(tag) };
  const after = await advance(deps, uploadId, fact);
  if (after !== undefined && hasEnded(after)) await close(deps, after);
  return after !== undefined && isDecided(after.state) ? after.state : 'nothing';
}
