import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../../../lambda/domain/errors.ts';
import { newUploadId } from '../../../../lambda/domain/ids.ts';
import { cancelUpload } from '../../../../lambda/domain/uploads/cancel-upload.ts';
import { finalizeUpload } from '../../../../lambda/domain/uploads/finalize-upload.ts';
import { judgeUpload, TagMissing } from '../../../../lambda/domain/uploads/judge-upload.ts';
import type { ScanTag } from '../../../../lambda/domain/uploads/ports.ts';
import type { Reason } from '../../../../lambda/domain/uploads/upload.ts';
import { faulty, intercept } from '../../../support/intercept.ts';
import type { StoredVersion } from '../../../support/memory-quarantine.ts';
import {
  createUploadWorld,
  finalized,
  opened,
  rowOf,
  scanned,
  sent,
  TENANT,
  told,
  type UploadWorld,
  value,
} from '../../../support/memory-upload-world.ts';
import { pdf } from '../../../support/sample-files.ts';

let world: UploadWorld;

beforeEach(() => {
  world = createUploadWorld();
});

const arrived = ({ uploadId, versionId }: StoredVersion, deps: Partial<UploadWorld> = {}) =>
  judgeUpload({ ...world, ...deps }, { kind: 'arrived', uploadId, versionId });
const slots = () => world.quota.countOf('upload-slots/');

describe('the message that an object has arrived', () => {
  test('an upload enters the state "uploaded" once, however often the message is delivered', async () => {
    const { upload, version } = await sent(world);
    expect([await arrived(version), await arrived(version)]).toEqual(['noted', 'noted']);
    expect(rowOf(world, upload.uploadId)).toMatchObject({ state: 'uploaded', revision: 1 });
  });

  test('a message that comes after finalize changes nothing', async () => {
    const { upload, version } = await finalized(world);
    expect(await arrived(version)).toBe('noted');
    expect(rowOf(world, upload.uploadId)).toEqual(upload);
  });

  test('a version other than the pinned one is deleted', async () => {
    const { upload, version } = await finalized(world);
    const other = world.quarantine.post(upload.uploadId, pdf('another one'));
    expect(await arrived(other)).toBe('stray-version');
    expect(world.quarantine.versionsOf(upload.uploadId)).toEqual([version]);
  });

  test('a version that arrives while finalize pins another one is deleted', async () => {
    const { upload, version } = await sent(world);
    const other = world.quarantine.post(upload.uploadId, pdf());
    let isPinned = false;
    const uploads = intercept(world.uploads, async ({ method, proceed }) => {
      const response = await proceed();
      if (method === 'find' && !isPinned) {
        isPinned = true;
        value(await finalizeUpload(world, upload.uploadId, TENANT));
      }
      return response;
    });
    await arrived(version, { uploads });
    expect(world.quarantine.versionsOf(upload.uploadId)).toEqual([other]);
  });

  test('an object that arrives after its session was cancelled is deleted', async () => {
    const { upload, version } = await sent(world);
    await cancelUpload(world, upload.uploadId, TENANT);
    expect(await arrived(version)).toBe('stray-version');
    expect(world.quarantine.versions).toEqual([]);
  });

  test('an object of an unknown upload is not touched', async () => {
    const version = world.quarantine.post(newUploadId(), pdf());
    expect(await arrived(version)).toBe('unknown-upload');
    expect(world.quarantine.versions).toEqual([version]);
  });
});

describe('the verdict on the pinned version', () => {
  test('a clean verdict publishes the upload and frees the slot of its session', async () => {
    const { upload, version } = await finalized(world);
    expect(await scanned(world, version, 'NO_THREATS_FOUND')).toBe('published');
    expect(rowOf(world, upload.uploadId)).toMatchObject({ state: 'published', closed: true });
    expect(world.quarantine.versions).toEqual([version]);
    expect(slots()).toBe(0);
  });

  test('a verdict with threats rejects the upload, and nothing remains in S3', async () => {
    const { upload, version } = await finalized(world);
    expect(await scanned(world, version, 'THREATS_FOUND')).toBe('rejected');
    expect(rowOf(world, upload.uploadId)).toMatchObject({
      state: 'rejected',
      reason: 'malware',
      closed: true,
    });
    expect(world.quarantine.versions).toEqual([]);
    expect(slots()).toBe(0);
  });

  test.each<[ScanTag, Reason]>([
    ['UNSUPPORTED', 'unsupported'],
    ['ACCESS_DENIED', 'access_denied'],
    ['FAILED', 'scan_failed'],
  ])('%s parks the upload for an operator', async (tag, reason) => {
    const { upload, version } = await finalized(world);
    expect(await scanned(world, version, tag)).toBe('parked');
    expect(rowOf(world, upload.uploadId)).toMatchObject({ state: 'parked', reason, closed: false });
    expect(slots()).toBe(1);
  });

  test('a repeated verdict changes nothing', async () => {
    const { version } = await finalized(world);
    await scanned(world, version, 'NO_THREATS_FOUND');
    const row = rowOf(world, version.uploadId);
    expect(await told(world, version, 'NO_THREATS_FOUND')).toBe('noted');
    expect(rowOf(world, version.uploadId)).toEqual(row);
  });

  test('a parked upload is published by a later clean verdict, and rejected by a later one with threats', async () => {
    for (const [tag, judged] of [
      ['NO_THREATS_FOUND', 'published'],
      ['THREATS_FOUND', 'rejected'],
    ] as const) {
      const { version } = await finalized(world);
      await scanned(world, version, 'FAILED');
      expect(await scanned(world, version, tag)).toBe(judged);
    }
  });

  test('an old verdict that is delivered after a newer one has no effect, because the tag decides', async () => {
    const { version } = await finalized(world);
    world.quarantine.tag(version.uploadId, version.versionId, 'THREATS_FOUND');
    expect(await told(world, version, 'NO_THREATS_FOUND')).toBe('rejected');
  });

  test('a verdict with threats after publication rejects the upload without freeing its slot again', async () => {
    const { upload, version } = await finalized(world);
    await scanned(world, version, 'NO_THREATS_FOUND');
    await opened(world);
    expect(slots()).toBe(1);
    expect(await scanned(world, version, 'THREATS_FOUND')).toBe('rejected');
    expect(rowOf(world, upload.uploadId)).toMatchObject({
      state: 'rejected',
      reason: 'malware',
      closed: true,
    });
    expect(world.quarantine.versionsOf(upload.uploadId)).toEqual([]);
    expect(slots()).toBe(1);
  });

  test('a repeated message completes the work if the function stopped after the decision', async () => {
    const { version } = await finalized(world);
    world.quarantine.tag(version.uploadId, version.versionId, 'THREATS_FOUND');
    const error = new Unavailable('quarantine', 'down');
    const quarantine = faulty(world.quarantine, 'removeAllBut', { lose: 'request', error });
    await expect(told({ ...world, quarantine }, version, 'THREATS_FOUND')).rejects.toBe(error);
    expect(rowOf(world, version.uploadId)).toMatchObject({ state: 'rejected', closed: false });
    expect(await told(world, version, 'THREATS_FOUND')).toBe('stray-version');
    expect(world.quarantine.versions).toEqual([]);
  });
});

describe('a clean verdict without proof', () => {
  test('a clean verdict on a version without a tag is not trusted, and its message is delivered again', async () => {
    const { upload, version } = await finalized(world);
    await expect(told(world, version, 'NO_THREATS_FOUND')).rejects.toThrow(TagMissing);
    expect(rowOf(world, upload.uploadId)).toEqual(upload);
  });

  test('a clean verdict on another version publishes nothing, and deletes that version', async () => {
    const { upload } = await finalized(world);
    const other = world.quarantine.post(upload.uploadId, pdf());
    expect(await scanned(world, other, 'NO_THREATS_FOUND')).toBe('stray-version');
    expect(rowOf(world, upload.uploadId)).toEqual(upload);
    expect(world.quarantine.versionOf(upload.uploadId, other.versionId)).toBeUndefined();
  });

  test('a verdict on an unknown upload is ignored', async () => {
    expect(await told(world, { uploadId: newUploadId(), versionId: 'v1' }, 'NO_THREATS_FOUND')).toBe(
      'unknown-upload',
    );
  });
});

describe('a verdict that comes before finalize', () => {
  test('a clean verdict waits for finalize, and applies only to its own version', async () => {
    const { upload, version } = await sent(world);
    await scanned(world, version, 'NO_THREATS_FOUND');
    world.quarantine.post(upload.uploadId, pdf());
    expect(value(await finalizeUpload(world, upload.uploadId, TENANT)).state).toBe('finalized');
  });

  test('a verdict with threats rejects the upload before it is finalized', async () => {
    const { upload, version } = await sent(world);
    expect(await scanned(world, version, 'THREATS_FOUND')).toBe('rejected');
    expect(value(await finalizeUpload(world, upload.uploadId, TENANT)).state).toBe('rejected');
  });

  test('an unclear verdict parks the upload, and finalize pins the version for the operator', async () => {
    const { upload, version } = await sent(world);
    expect(await scanned(world, version, 'FAILED')).toBe('parked');
    expect(value(await finalizeUpload(world, upload.uploadId, TENANT))).toMatchObject({
      state: 'parked',
      reason: 'scan_failed',
      version: { versionId: version.versionId },
    });
  });

  test('an unclear verdict on another version does not affect the pinned version, which waits for its own verdict', async () => {
    const { upload, version } = await sent(world);
    await scanned(world, version, 'FAILED');
    const other = world.quarantine.post(upload.uploadId, pdf());
    expect(value(await finalizeUpload(world, upload.uploadId, TENANT)).state).toBe('finalized');
    expect(await scanned(world, other, 'NO_THREATS_FOUND')).toBe('published');
    expect(world.quarantine.versionsOf(upload.uploadId)).toEqual([other]);
  });
});
