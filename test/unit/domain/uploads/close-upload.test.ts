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
  SESSION_SECONDS,
  sent,
  TENANT,
  type UploadWorld,
} from '../../../support/memory-upload-world.ts';

let world: UploadWorld;
let upload: Upload;

beforeEach(async () => {
  world = createUploadWorld();
  ({ upload } = await sent(world));
});

const slots = () => world.quota.countOf('upload-slots/');
const row = () => rowOf(world, upload.uploadId);
const cancel = (deps: Partial<UploadWorld> = {}) =>
  cancelUpload({ ...world, ...deps }, upload.uploadId, TENANT);
const close = (deps: Partial<UploadWorld> = {}) => closeUpload({ ...world, ...deps }, row());

describe('the slot of an upload that ends', () => {
  test('the slot is freed immediately and only once, even if another session has taken it since', async () => {
    await Promise.all([cancel(), cancel()]);
    expect(slots()).toBe(0);
    await opened(world);
    await cancel();
    await close();
    expect(slots()).toBe(1);
  });

  test('a slot that could not be freed becomes free when its window ends, and not earlier', async () => {
    const error = new Unavailable('quota', 'down');
    expect(await cancel({ quota: faulty(world.quota, 'refund', { lose: 'request', error }) })).toMatchObject({
      ok: true,
    });
    await close();
    world.time.advance(SESSION_SECONDS - 1);
    expect(slots()).toBe(1);
    world.time.advance(1);
    expect(slots()).toBe(0);
  });

  test('a session that takes over a slot keeps it until the session ends', async () => {
    const limits = { ...world.limits, openSessions: 1 };
    world.time.advance(SESSION_SECONDS - 90);
    await cancel();
    await opened({ ...world, limits });
    world.time.advance(90);
    expect(slots()).toBe(1);
  });
});

describe('closing an upload that has ended', () => {
  test('nothing remains in S3, and closing the upload again changes nothing', async () => {
    await cancel();
    const ended = row();
    await close();
    expect(world.quarantine.versions).toEqual([]);
    expect(row()).toMatchObject({ state: 'expired', reason: 'cancelled', closed: true });
    const closed = row();
    await closeUpload(world, ended);
    expect(row()).toEqual(closed);
  });

  const error = new Unavailable('a service', 'down');
  test.each<[string, () => Partial<UploadWorld>]>([
    [
      'it deleted anything',
      () => ({ quarantine: faulty(world.quarantine, 'removeAllBut', { lose: 'request', error }) }),
    ],
    [
      'it recorded its completion',
      () => ({ uploads: faulty(world.uploads, 'change', { lose: 'request', error }) }),
    ],
  ])('a close that stopped before %s is completed by the next one', async (_what, broken) => {
    await cancel();
    await expect(close(broken())).rejects.toBe(error);
    expect(row().closed).toBe(false);
    await close();
    expect(row().closed).toBe(true);
    expect(world.quarantine.versions).toEqual([]);
  });
});
