import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../../../lambda/domain/errors.ts';
import { cancelUpload } from '../../../../lambda/domain/uploads/cancel-upload.ts';
import { finalizeUpload } from '../../../../lambda/domain/uploads/finalize-upload.ts';
import { openUpload } from '../../../../lambda/domain/uploads/open-upload.ts';
import { PATIENCE_SECONDS } from '../../../../lambda/domain/uploads/states.ts';
import { type Swept, sweepUploads } from '../../../../lambda/domain/uploads/sweep-uploads.ts';
import { intercept } from '../../../support/intercept.ts';
import {
  createUploadWorld,
  finalized,
  opened,
  rowOf,
  SESSION_SECONDS,
  scanned,
  sent,
  TENANT,
  type UploadWorld,
  value,
} from '../../../support/memory-upload-world.ts';
import { declared, pdf } from '../../../support/sample-files.ts';

let world: UploadWorld;
let faults: unknown[];

beforeEach(() => {
  world = createUploadWorld();
  faults = [];
});

const NOTHING: Swept = {
  expired: 0,
  asked: 0,
  published: 0,
  rejected: 0,
  parked: 0,
  deleted: 0,
  failed: 0,
  oldestSeconds: 0,
};
const sweep = (deps: Partial<UploadWorld> = {}) =>
  sweepUploads({ ...world, ...deps }, (cause) => void faults.push(cause));

describe('a verdict that does not arrive', () => {
  test('no scan is requested while the scanner still has time', async () => {
    await finalized(world);
    world.time.advance(PATIENCE_SECONDS - 1);
    expect(await sweep()).toEqual(NOTHING);
  });

  test('a scan is requested three times, and then the upload is parked', async () => {
    const { upload, version } = await finalized(world);
    for (const _ of [1, 2, 3]) {
      world.time.advance(PATIENCE_SECONDS);
      expect(await sweep()).toMatchObject({ asked: 1 });
      expect(await sweep()).toEqual(NOTHING);
    }
    const { uploadId, versionId } = version;
    expect(world.scanner.asked).toEqual(Array(3).fill({ uploadId, versionId }));
    world.time.advance(PATIENCE_SECONDS);
    expect(await sweep()).toMatchObject({ parked: 1 });
    expect(rowOf(world, upload.uploadId)).toMatchObject({ state: 'parked', reason: 'no_verdict', asked: 3 });
  });

  test('a verdict is found by its tag even if its message was lost', async () => {
    const { upload, version } = await finalized(world);
    world.quarantine.tag(upload.uploadId, version.versionId, 'NO_THREATS_FOUND');
    world.time.advance(PATIENCE_SECONDS + 60);
    expect(await sweep()).toMatchObject({ published: 1, asked: 0, oldestSeconds: 60 });
    expect(rowOf(world, upload.uploadId)).toMatchObject({ state: 'published', closed: true });
  });

  test('a tag with threats rejects the upload, and nothing remains in S3', async () => {
    const { upload, version } = await finalized(world);
    world.quarantine.tag(upload.uploadId, version.versionId, 'THREATS_FOUND');
    world.time.advance(PATIENCE_SECONDS);
    expect(await sweep()).toMatchObject({ rejected: 1 });
    expect(world.quarantine.versions).toEqual([]);
  });

  test('two concurrent sweeps count one request for a scan', async () => {
    const { upload } = await finalized(world);
    world.time.advance(PATIENCE_SECONDS);
    await Promise.all([sweep(), sweep()]);
    expect(rowOf(world, upload.uploadId).asked).toBe(1);
  });
});

describe('a session that is over', () => {
  test('a session expires in the exact second in which it ends', async () => {
    const { uploadId } = await opened(world);
    world.time.advance(SESSION_SECONDS - 1);
    expect(await sweep()).toEqual(NOTHING);
    world.time.advance(1);
    expect(await sweep()).toMatchObject({ expired: 1 });
    expect(rowOf(world, uploadId)).toMatchObject({ state: 'expired', reason: 'timed_out', closed: true });
  });

  test('an object that was never finalized is deleted with its session', async () => {
    await sent(world);
    await scanned(world, (await sent(world)).version, 'NO_THREATS_FOUND');
    world.time.advance(SESSION_SECONDS);
    expect(await sweep()).toMatchObject({ expired: 2 });
    expect(world.quarantine.versions).toEqual([]);
  });

  test('the multipart upload of a session that is over is aborted', async () => {
    value(await openUpload(world, { tenant: TENANT, ...declared(pdf(), 'crc64nvme') }));
    world.time.advance(SESSION_SECONDS);
    await sweep();
    expect(world.quarantine.multiparts.size).toBe(0);
  });

  test('an upload that is finalized while the sweep handles it does not expire', async () => {
    const { upload } = await sent(world);
    let asked = 0;
    const late = { ...world, clock: () => upload.changedAt };
    world.time.advance(SESSION_SECONDS);
    const uploads = intercept(world.uploads, async ({ method, proceed }) => {
      if (method === 'find') asked += 1;
      if (method === 'find' && asked === 2) value(await finalizeUpload(late, upload.uploadId, TENANT));
      return await proceed();
    });
    expect(await sweep({ uploads })).toMatchObject({ expired: 0 });
    expect(rowOf(world, upload.uploadId).state).toBe('finalized');
  });

  test('a parked upload that was finalized does not expire', async () => {
    const { version } = await finalized(world);
    await scanned(world, version, 'FAILED');
    world.time.advance(SESSION_SECONDS);
    expect(await sweep()).toEqual(NOTHING);
    expect(world.quarantine.versions).toEqual([version]);
  });

  test('a parked upload that was never finalized expires', async () => {
    const { version } = await sent(world);
    await scanned(world, version, 'FAILED');
    world.time.advance(SESSION_SECONDS);
    expect(await sweep()).toMatchObject({ expired: 1 });
    expect(world.quarantine.versions).toEqual([]);
  });
});

describe('ended uploads', () => {
  test('a cancelled upload is closed once', async () => {
    const { upload } = await sent(world);
    await cancelUpload(world, upload.uploadId, TENANT);
    expect(await sweep()).toEqual({ ...NOTHING, deleted: 1 });
    expect(await sweep()).toEqual(NOTHING);
    expect(world.quarantine.versions).toEqual([]);
    expect(world.quota.countOf('upload-slots/')).toBe(0);
    expect(await world.history.eventsOf(upload.uploadId)).toEqual(['opened', 'expired', 'closed']);
  });

  test('a published upload keeps only its pinned version', async () => {
    const { upload, version } = await sent(world);
    await scanned(world, version, 'NO_THREATS_FOUND');
    value(await finalizeUpload(world, upload.uploadId, TENANT));
    world.quarantine.post(upload.uploadId, pdf('another one'));
    expect(await sweep()).toEqual(NOTHING);
    expect(rowOf(world, upload.uploadId).closed).toBe(true);
    expect(world.quarantine.versions).toEqual([version]);
  });

  test('an upload that cannot be handled does not delay others, and stays due', async () => {
    for (const _ of [1, 2]) await cancelUpload(world, (await sent(world)).upload.uploadId, TENANT);
    const error = new Unavailable('quarantine', 'down');
    let failures = 1;
    const quarantine = intercept(world.quarantine, async ({ method, proceed }) => {
      if (method !== 'removeAllBut' || failures === 0) return await proceed();
      failures -= 1;
      throw error;
    });
    expect(await sweep({ quarantine })).toEqual({ ...NOTHING, deleted: 1, failed: 1 });
    expect(faults).toEqual([error]);
    expect(await sweep()).toEqual({ ...NOTHING, deleted: 1 });
  });
});
