import { DynamoUploads } from '../../../lambda/adapters/dynamo-uploads.ts';
import { showUpload } from '../../../lambda/domain/uploads/review-upload.ts';
import { hasEnded } from '../../../lambda/domain/uploads/states.ts';
import { TENANT } from '../../support/memory-upload-world.ts';
import type { UploadWorld } from './world.ts';

/** The last seconds of a session, in which another session can already have its slot, because clocks differ. */
const MARGIN_SECONDS = 60;

/** Checks that every open session has its own slot. */
export function judgeSlots(world: UploadWorld): void {
  const open = world.rows.filter(
    (row) => !hasEnded(row) && world.now < row.sessionExpiresAt - MARGIN_SECONDS,
  );
  const slots = new Set(open.map(({ slot }) => slot));
  const taken = [...slots].filter((slot) => world.quota.countOf(`upload-slots/${TENANT}/${slot}`) === 1);
  if (taken.length < open.length) {
    const names = open.map(({ uploadId, slot }) => `${world.nameOf(uploadId)} in ${slot}`);
    world.violate(
      'every open session has its own slot',
      `open sessions: ${names.join(', ')}; taken slots: ${taken.join(', ')}`,
    );
  }
}

/**
 * Checks that only open uploads hold slots. The exceptions are slots that a function could not free, and the slots of
 * sessions that are over or about to end.
 */
export function judgeFreedSlots(world: UploadWorld): void {
  const open = world.rows.filter((row) => !hasEnded(row)).length;
  const excused = world.actors.filter(({ state, faults }) => state === 'killed' || faults.length > 0).length;
  const soon = world.rows.filter(
    ({ sessionExpiresAt }) => world.now >= sessionExpiresAt - MARGIN_SECONDS,
  ).length;
  const taken = world.quota.countOf(`upload-slots/${TENANT}`);
  if (taken > open + excused + soon) {
    world.violate('an ended upload frees its slot', `slots taken: ${taken}, open uploads: ${open}`);
  }
}

/** Checks that every upload has ended and is closed, or waits for an operator. */
export function judgeEnds(world: UploadWorld): void {
  for (const { uploadId, state, closed } of world.rows) {
    if (state !== 'parked' && !closed) {
      world.violate('every upload ends or waits for an operator', `${world.nameOf(uploadId)} is ${state}`);
    }
  }
}

/** Checks that S3 has only the pinned versions of published uploads, and no parts of recorded multipart uploads. */
export function judgeLeftovers(world: UploadWorld): void {
  for (const { uploadId, state, version, multipartId } of world.rows) {
    const kept = world.quarantine.versionsOf(uploadId).map(({ versionId }) => versionId);
    const expected = state === 'published' ? [version?.versionId] : [];
    if (kept.join() !== expected.join()) {
      world.violate(
        'only published objects remain in S3',
        `S3 has ${kept.join()} of ${world.nameOf(uploadId)}, ${state} with ${version?.versionId}`,
      );
    }
    // A multipart upload that lost the race was never recorded. The bucket's lifecycle rule aborts it.
    if (multipartId !== undefined && world.quarantine.multiparts.has(multipartId)) {
      world.violate('only published objects remain in S3', `S3 has parts of ${world.nameOf(uploadId)}`);
    }
  }
}

/** Checks that an operator sees a line for every revision of every upload, in order. */
export async function judgeHistory(world: UploadWorld): Promise<void> {
  const uploads = new DynamoUploads(world.tables.client(), { table: 'uploads', retentionDays: 400 });
  for (const { uploadId, revision } of world.rows) {
    const shown = await showUpload({ uploads, history: world.history }, uploadId);
    const lines = shown.ok ? shown.value.lines : [];
    const revisions = lines.flatMap((line) => ('revision' in line ? [line.revision] : []));
    if (revisions.join() !== Array.from({ length: revision + 1 }, (_, step) => step).join()) {
      world.violate(
        'the history has every step',
        `${world.nameOf(uploadId)} has revision ${revision}, but the history has ${revisions.join()}`,
      );
    }
  }
}
