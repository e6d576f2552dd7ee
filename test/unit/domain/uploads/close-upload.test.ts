import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../../../lambda/domain/errors.ts';
import { cancelUpload } from '../../../../lambda/domain/uploads/cancel-upload.ts';
import { closeUpload } from '../../../../lambda/domain/uploads/close-upload.ts';
import type { Upload } from '../../../../lambda/domain/uploads/upload.ts';
import { faulty } from '../../../support/intercept.ts';
import {
  createUploadWorld,
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

const row = () => rowOf(world, ended.uploadId);
const close = (deps: Partial<UploadWorld> = {}) => closeUpload({ ...world, ...deps }, ended);

describe('closing an upload that has ended', () => {
  test('its leftovers are deleted', async () => {
    await close();
    expect(world.quarantine.versions).toEqual([]);
    expect(row()).toMatchObject({ state: 'expired', reason: 'cancelled', closed: true });
    expect(row()).not.toHaveProperty('slot');
  });

  test('a close that stopped before it deleted anything is done again', async () => {
    const error = new Unavailable('quarantine', 'down');
    const quarantine = faulty(world.quarantine, 'removeAllBut', { lose: 'request', error });
    await expect(close({ quarantine })).rejects.toBe(error);
    expect(row().closed).toBe(false);
    await close();
    expect(row().closed).toBe(true);
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
});
