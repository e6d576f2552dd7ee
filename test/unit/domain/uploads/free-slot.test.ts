import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../../../lambda/domain/errors.ts';
import { cancelUpload } from '../../../../lambda/domain/uploads/cancel-upload.ts';
import { faulty } from '../../../support/intercept.ts';
import { createUploadWorld, opened, TENANT, type UploadWorld } from '../../../support/memory-upload-world.ts';

let world: UploadWorld;
beforeEach(() => {
  world = createUploadWorld();
});

const slots = () => world.quota.countOf('upload-slots/');

describe('the slot of an upload', () => {
  test('is free as soon as the upload ends', async () => {
    const { uploadId } = await opened(world);
    expect(slots()).toBe(1);
    await cancelUpload(world, uploadId, TENANT);
    expect(slots()).toBe(0);
  });

  test('is freed once, even if somebody else has it by then', async () => {
    const { uploadId } = await opened(world);
    await cancelUpload(world, uploadId, TENANT);
    await opened(world);
    await cancelUpload(world, uploadId, TENANT);
    expect(slots()).toBe(1);
  });

  test('becomes free with its window, and no sooner, if it could not be freed', async () => {
    const { uploadId } = await opened(world);
    const quota = faulty(world.quota, 'refund', { lose: 'request', error: new Unavailable('quota', 'down') });
    expect((await cancelUpload({ ...world, quota }, uploadId, TENANT)).ok).toBe(true);
    expect(slots()).toBe(1);
    world.time.advance(world.limits.sessionSeconds);
    expect(slots()).toBe(0);
  });
});
