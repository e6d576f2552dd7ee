import { beforeEach, describe, expect, test } from '@jest/globals';
import { epochSeconds, type UploadId } from '../../../../lambda/domain/ids.ts';
import { cancelUpload } from '../../../../lambda/domain/uploads/cancel-upload.ts';
import { downloadObject } from '../../../../lambda/domain/uploads/download-object.ts';
import { objectOf } from '../../../../lambda/domain/uploads/upload.ts';
import {
  createUploadWorld,
  finalized,
  scanned,
  sent,
  TENANT,
  type UploadWorld,
  value,
} from '../../../support/memory-upload-world.ts';
import { pdf } from '../../../support/sample-files.ts';

let world: UploadWorld;

beforeEach(() => {
  world = createUploadWorld();
});

const download = (uploadId: UploadId) =>
  downloadObject(world, { objectId: objectOf(uploadId), tenant: TENANT, seconds: 60 });

describe('downloading an object', () => {
  test('the URL opens the pinned version, and the history lists the download', async () => {
    const { upload, version } = await finalized(world);
    await scanned(world, version, 'NO_THREATS_FOUND');
    world.quarantine.post(upload.uploadId, pdf('another one'));
    const { url, expiresAt } = value(await download(upload.uploadId));
    expect(new URL(url).searchParams.get('versionId')).toBe(version.versionId);
    expect(expiresAt).toBe(epochSeconds(world.clock()) + 60);
    expect(await world.history.eventsOf(upload.uploadId)).toContain('download');
  });

  test('an object cannot be downloaded before it is published or after it is rejected', async () => {
    const { upload, version } = await sent(world);
    const unpublished = { ok: false, error: { code: 'not_published' } };
    expect(await download(upload.uploadId)).toEqual(unpublished);
    await scanned(world, version, 'NO_THREATS_FOUND');
    expect(await download(upload.uploadId)).toEqual(unpublished);
    await scanned(world, version, 'THREATS_FOUND');
    expect(await download(upload.uploadId)).toEqual(unpublished);
  });
});

describe('cancelling an upload', () => {
  test('a published upload cannot be cancelled, and cancelling an ended upload changes nothing', async () => {
    const { version, upload } = await finalized(world);
    await scanned(world, version, 'NO_THREATS_FOUND');
    expect(await cancelUpload(world, upload.uploadId, TENANT)).toEqual({
      ok: false,
      error: { code: 'already_published' },
    });
    const { upload: other } = await sent(world);
    expect(await cancelUpload(world, other.uploadId, TENANT)).toMatchObject({ ok: true });
    expect(await cancelUpload(world, other.uploadId, TENANT)).toMatchObject({ ok: true });
    expect(await world.history.eventsOf(other.uploadId)).toEqual(['opened', 'expired']);
  });
});
