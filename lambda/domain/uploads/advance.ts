import { Unavailable } from '../errors.ts';
import { epochSeconds, type UploadId } from '../ids.ts';
import type { Clock, Quota } from '../ports.ts';
import { openSlot } from './limits.ts';
import type { UploadHistory, Uploads } from './ports.ts';
import { after, type Fact, hasEnded } from './states.ts';
import type { HistoryLine, Upload } from './upload.ts';

export interface AdvanceDependencies {
  readonly clock: Clock;
  readonly uploads: Pick<Uploads, 'find' | 'change'>;
  readonly history: Pick<UploadHistory, 'append'>;
  readonly quota: Pick<Quota, 'refund'>;
}

/** Maximum number of attempts if other writes keep winning the race. No writer loses that often in a row. */
const MOST_TRIES = 8;

/**
 * Applies a fact to an upload. Applying it twice, or when it is no longer relevant, changes nothing.
 *
 * @returns the resulting upload; `undefined` if there is none
 * @throws Unavailable if a service is down. Repeating the call continues where this one stopped.
 */
export async function advance(
  deps: AdvanceDependencies,
  uploadId: UploadId,
  fact: Fact,
): Promise<Upload | undefined> {
  return await rewrite(deps, uploadId, (upload) => after(upload, fact, deps.clock()));
}

/**
 * Rewrites an upload with `change`, which returns `undefined` if nothing has to be written. The line of each revision
 * is appended to the history before the next revision is written, so a crash in between loses no line. The writer that
 * ends an upload also frees its slot.
 */
export async function rewrite(
  deps: AdvanceDependencies,
  uploadId: UploadId,
  change: (upload: Upload) => Upload | undefined,
): Promise<Upload | undefined> {
  const { uploads, history } = deps;
  for (let tried = 0; tried < MOST_TRIES; tried += 1) {
    const upload = await uploads.find(uploadId);
    if (upload === undefined) return undefined;
    await history.append(lineOf(upload));
    const next = change(upload);
    if (next === undefined) return upload;
    if ((await uploads.change(upload, next)) === 'changed') {
      await history.append(lineOf(next));
      if (hasEnded(next) && !hasEnded(upload)) await freeSlot(deps, next);
      return next;
    }
  }
  throw new Unavailable('uploads', 'the upload kept changing');
}

/** Margin for clock differences and late calls, in seconds. */
const MARGIN_SECONDS = 60;

/**
 * Frees the slot of an upload. A slot whose window is about to end is left alone, because another session may have
 * taken it before the refund takes effect. A slot that cannot be freed becomes free at the end of its window.
 */
async function freeSlot({ clock, quota }: AdvanceDependencies, upload: Upload): Promise<void> {
  if (upload.slot === undefined) return;
  if (epochSeconds(clock()) + MARGIN_SECONDS >= upload.sessionExpiresAt) return;
  await quota.refund(openSlot(upload)).catch(() => undefined);
}

/** Returns the history line of an upload's last write. */
export function lineOf({ uploadId, changedAt, revision, step }: Upload): HistoryLine {
  return { uploadId, at: changedAt, revision, ...step };
}
