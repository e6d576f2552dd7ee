import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../../../lambda/domain/errors.ts';
import { cancelUpload } from '../../../../lambda/domain/uploads/cancel-upload.ts';
import { closeUpload } from '../../../../lambda/domain/uploads/close-upload.ts';
import type { Upload } from '../../../../lambda/domain/uploads/upload.ts';
import { faulty } from '../../../support/intercept.ts';
import {
  createUploadWorld,
  opened,
  rowOf,
  sent,
  TENANT,
  type UploadWorld,
} from '../../../support/memory-upload-world.ts';

let world: UploadWorld;
let ended: Upload;

beforeEach(async () => {
  world = createUploadWorld();
  const { upload } = await sent(world);
  await cancelUpload(world, upload.uploadId, TENANT);
  ended = rowOf(world, upload.uploadId);
});

const slots = () => world.quota.countOf('upload-slots/');
const row = () => rowOf(world, ended.uploadId);
const close = (deps: Partial<UploadWorld> = {}) => closeUpload({ ...world, ...deps }, ended);

describe('closing an upload that has ended', () => {
  test('its leftovers are deleted and its slot is free', async () => {
    await close();
    expect(world.quarantine.versions).toEqual([]);
    expect(slots()).toBe(0);
    expect(row()).toMatchObject({ state: 'expired', reason: 'cancelled', closed: true });
    expect(row()).not.toHaveProperty('slot');
  });

  test('two that close it at once free the slot once, even if somebody else has it by then', async () => {
    await close();
    await opened(world);
    await close();
    expect(slots()).toBe(1);
  });

  test('a close that stopped before it deleted anything is done again', async () => {
    const error = new Unavailable('quarantine', 'down');
    const quarantine = faulty(world.quarantine, 'removeAllBut', { lose: 'request', error });
    await expect(close({ quarantine })).rejects.toBe(error);
    expect(row().closed).toBe(false);
    await close();
    expect(slots()).toBe(0);
  });

  test('a close that stopped between the deletion and the write is done again', async () => {
    const error = new Unavailable('uploads', 'down');
    const uploads = faulty(world.uploads, 'change', { lose: 'request', error });
    await expect(close({ uploads })).rejects.toBe(error);
    expect(world.quarantine.versions).toEqual([]);
    expect(row().closed).toBe(false);
    await close();
    expect(row().closed).toBe(true);
  });

  test('a slot that could not be freed becomes free with its window, and no sooner', async () => {
    const error = new Unavailable('quota', 'down');
    const quota = faulty(world.quota, 'refund', { lose: 'request', error });
    await expect(close({ quota })).rejects.toBe(error);
    await close();
    expect(slots()).toBe(1);
    world.time.advance(world.limits.sessionSeconds);
    expect(slots()).toBe(0);
  });
});
