import { resultOf } from '../../../lambda/domain/uploads/judge-upload.ts';
import type { ScanTag } from '../../../lambda/domain/uploads/ports.ts';
import { PATIENCE_SECONDS } from '../../../lambda/domain/uploads/states.ts';
import { drain } from '../moves.ts';
import { judge, type OpenSession, review, sweep } from './operations.ts';
import { judgeEnds, judgeFreedSlots, judgeHistory, judgeLeftovers } from './rules-at-rest.ts';
import { SESSION_SECONDS, type UploadWorld } from './world.ts';

/** Enough sweeps to request three scans, park an upload, and close it. */
const SWEEPS = 6;

/**
 * Lets everything finish without faults: messages are delivered, sessions end, the sweep runs, and an operator
 * rejects parked uploads. Then checks that no work is left.
 */
export async function settle(world: UploadWorld): Promise<void> {
  world.note('nothing more goes wrong');
  world.skewSeconds = 0;
  await drain(world);
  for (const finish of world.slow.splice(0)) finish();
  await redeliver(world);
  judgeFreedSlots(world);
  world.time.advance(SESSION_SECONDS);
  for (let sweeps = 0; sweeps < SWEEPS; sweeps += 1) {
    sweep(world);
    await drain(world);
    await redeliver(world);
    world.time.advance(PATIENCE_SECONDS);
  }
  judgeEnds(world);
  for (const { uploadId, state } of world.rows) {
    world.count(`at the end ${state}`);
    if (state === 'parked') review(world, { uploadId, name: world.nameOf(uploadId) }, 'reject');
  }
  await drain(world);
  sweep(world);
  await drain(world);
  judgeLeftovers(world);
  await judgeHistory(world);
}

/** Delivers every pending message, and every message that results, one after the other. */
async function redeliver(world: UploadWorld): Promise<void> {
  const { queue } = world;
  for (const message of [...queue.abandoned]) queue.release(message);
  queue.redrive();
  for (let [message] = queue.visible; message !== undefined; [message] = queue.visible) {
    judge(world, message);
    await drain(world);
  }
}

/** Lets the scanner judge a version, tag it, and send a message. */
export function scan(
  world: UploadWorld,
  { uploadId, versionId }: { readonly uploadId: OpenSession['uploadId']; readonly versionId: string },
  tag: ScanTag,
): void {
  world.quarantine.tag(uploadId, versionId, tag);
  world.queue.put({ kind: 'scanned', uploadId, versionId, result: resultOf(tag) });
  world.note(`the scanner finds ${tag} in ${versionId} of ${world.nameOf(uploadId)}`);
}
