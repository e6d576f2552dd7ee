import { epochSeconds, secondsAfter } from '../../../lambda/domain/ids.ts';
import { hasEnded } from '../../../lambda/domain/uploads/states.ts';
import type { AppliedWrite } from '../../support/dynamo/memory-tables.ts';
import { checksumOf } from '../../support/sample-files.ts';
import { CLOCK_SKEW_SECONDS } from '../stage.ts';
import type { UploadActor, UploadRow, UploadWorld } from './world.ts';

/** Checks a write to the table of uploads when it is applied. */
export function judgeWrite(world: UploadWorld, actor: UploadActor, { before, after }: AppliedWrite): void {
  if (before === undefined || after === undefined) return;
  // The adapter writes only rows of this type.
  const [was, is] = [before, after] as unknown as [UploadRow, UploadRow];
  const name = world.nameOf(is.uploadId);
  if (is.revision !== was.revision + 1) {
    world.violate(
      'no write is lost',
      `${actor.name} wrote revision ${is.revision} of ${name} over revision ${was.revision}`,
    );
  }
  if (was.version !== undefined && is.version?.versionId !== was.version.versionId) {
    world.violate('a pinned version never changes', `${actor.name} pinned another version of ${name}`);
  }
  if (hasEnded(was) && is.state !== was.state && `${was.state} ${is.state}` !== 'published rejected') {
    world.violate(
      'an ended upload stays ended',
      `${actor.name} made ${name} ${is.state} after it was ${was.state}`,
    );
  }
  if (is.reason === 'timed_out' && was.version !== undefined) {
    world.violate('a finalized upload does not time out', `${actor.name} let the finalized ${name} expire`);
  }
  if (is.version !== undefined && was.version === undefined) judgePin(world, actor, is);
  if (is.state === 'published' && was.state !== 'published') judgePublication(world, actor, is);
}

function judgePin(world: UploadWorld, actor: UploadActor, { uploadId, sessionExpiresAt }: UploadRow): void {
  if (epochSeconds(actor.startedAt) >= secondsAfter(sessionExpiresAt, CLOCK_SKEW_SECONDS)) {
    world.violate(
      'no version is pinned after its session has ended',
      `${actor.name} pinned a version of ${world.nameOf(uploadId)} after its session had ended`,
    );
  }
}

/** Checks a publication against the true state of the version, not against the upload's row. */
function judgePublication(world: UploadWorld, actor: UploadActor, row: UploadRow): void {
  const { uploadId, version, checksum, size } = row;
  const name = world.nameOf(uploadId);
  const stored = world.quarantine.versionOf(uploadId, version?.versionId ?? '');
  const isReleased = actor.operation === 'review' && stored?.isReleased;
  if (stored === undefined || !(stored.foundClean || isReleased)) {
    world.violate('only approved versions are published', `${actor.name} published ${name} unchecked`);
    return;
  }
  if (stored.file.size !== size || checksumOf(stored.file, checksum.kind).base64 !== checksum.base64) {
    world.violate(
      'published bytes match their declaration',
      `${actor.name} published the wrong bytes as ${name}`,
    );
  }
  world.published.set(uploadId, stored.versionId);
  world.count('published');
}
