import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../../../lambda/domain/errors.ts';
import { cancelUpload } from '../../../../lambda/domain/uploads/cancel-upload.ts';
import { finalizeUpload } from '../../../../lambda/domain/uploads/finalize-upload.ts';
import { openUpload } from '../../../../lambda/domain/uploads/open-upload.ts';
import type { Upload } from '../../../../lambda/domain/uploads/upload.ts';
import { signParts } from '../../../../lambda/domain/uploads/upload-parts.ts';
import { faulty, intercept } from '../../../support/intercept.ts';
import {
  createUploadWorld,
  opened,
  rowOf,
  SESSION_SECONDS,
  scanned,
  sent,
  TENANT,
  type UploadWorld,
  value,
} from '../../../support/memory-upload-world.ts';
import { declared, pdf, type SampleFile } from '../../../support/sample-files.ts';

const MIB = 1024 ** 2;
const INCOMPLETE = { ok: false, error: { code: 'upload_incomplete' } };
const ENDED = { ok: false, error: { code: 'upload_ended' } };

let world: UploadWorld;

beforeEach(() => {
  world = createUploadWorld();
});

const finalize = ({ uploadId }: Upload, deps: Partial<UploadWorld> = {}) =>
  finalizeUpload({ ...world, ...deps }, uploadId, TENANT);

describe('finalizing an upload that was sent in one PUT', () => {
  test('the version that was checked is pinned, and waits for its verdict', async () => {
    const { upload, version } = await sent(world);
    const { state, version: pinned } = value(await finalize(upload));
    expect({ state, pinned }).toEqual({
      state: 'finalized',
      pinned: { versionId: version.versionId, eTag: version.eTag },
    });
  });

  test('an upload whose verdict arrived before finalize is published immediately', async () => {
    const { upload, version } = await sent(world);
    expect(await scanned(world, version, 'NO_THREATS_FOUND')).toBe('noted');
    expect(value(await finalize(upload)).state).toBe('published');
    expect(await world.history.eventsOf(upload.uploadId)).toEqual(['opened', 'verdict', 'published']);
  });

  test('an upload without an object in S3 is incomplete, and can be finalized later', async () => {
    const upload = await opened(world);
    expect(await finalize(upload)).toEqual(INCOMPLETE);
    expect(rowOf(world, upload.uploadId)).toEqual(upload);
  });

  test.each<[string, SampleFile, string]>([
    ['is shorter than declared', pdf('a report', 2047), 'size_mismatch'],
    ['has a checksum other than the declared one', pdf('another one'), 'checksum_mismatch'],
  ])('an upload that %s is rejected for that reason', async (_how, file, reason) => {
    const upload = await opened(world);
    world.quarantine.post(upload.uploadId, file);
    expect(value(await finalize(upload))).toMatchObject({ state: 'rejected', reason });
  });

  test('an upload whose first bytes do not match its type is rejected for that reason', async () => {
    const { upload } = await sent(world, { text: '<html>', size: 6 });
    expect(value(await finalize(upload))).toMatchObject({ state: 'rejected', reason: 'type_mismatch' });
  });

  test('an upload with a content encoding, which browsers decode after the scan, is rejected', async () => {
    const { upload, version } = await sent(world);
    expect(await scanned(world, version, 'NO_THREATS_FOUND')).toBe('noted');
    const quarantine = intercept(world.quarantine, async ({ method, proceed }) => {
      const response = await proceed();
      return method === 'inspect' ? Object.assign({ encoding: 'deflate' }, response) : response;
    });
    expect(value(await finalize(upload, { quarantine }))).toMatchObject({
      state: 'rejected',
      reason: 'type_mismatch',
    });
  });

  test('a second call changes nothing, even if another version has arrived', async () => {
    const { upload } = await sent(world);
    const first = value(await finalize(upload));
    world.quarantine.post(upload.uploadId, pdf('another one'));
    world.time.advance(SESSION_SECONDS);
    expect(value(await finalize(upload))).toEqual(first);
  });

  test('a concurrent call that finds another version does not move the pin or reject the upload', async () => {
    const { upload, version } = await sent(world);
    const quarantine = intercept(world.quarantine, async ({ method, proceed }) => {
      if (method !== 'inspect') return await proceed();
      value(await finalize(upload));
      world.quarantine.post(upload.uploadId, pdf('another one'));
      return await proceed();
    });
    expect(value(await finalize(upload, { quarantine }))).toMatchObject({
      state: 'finalized',
      version: { versionId: version.versionId },
    });
  });

  test('a call whose write succeeded but whose response was lost can be repeated', async () => {
    const { upload } = await sent(world);
    const error = new Unavailable('uploads', 'timed out');
    const uploads = faulty(world.uploads, 'change', { lose: 'response', error });
    await expect(finalize(upload, { uploads })).rejects.toBe(error);
    expect(value(await finalize(upload)).state).toBe('finalized');
    expect(rowOf(world, upload.uploadId).revision).toBe(1);
  });

  test('a session that is over or was cancelled cannot be finalized', async () => {
    const { upload } = await sent(world);
    const { upload: other } = await sent(world);
    await cancelUpload(world, other.uploadId, TENANT);
    expect(await finalize(other)).toEqual(ENDED);
    world.time.advance(SESSION_SECONDS - 1);
    const { upload: third } = await sent(world);
    expect(await finalize(third)).toMatchObject({ ok: true });
    world.time.advance(1);
    expect(await finalize(upload)).toEqual(ENDED);
  });

  test('finalizing is refused if the session is cancelled in the meantime', async () => {
    const { upload } = await sent(world);
    const quarantine = intercept(world.quarantine, async ({ method, proceed }) => {
      if (method === 'firstBytes') await cancelUpload(world, upload.uploadId, TENANT);
      return await proceed();
    });
    expect(await finalize(upload, { quarantine })).toEqual(ENDED);
  });

  test('a call that loses every race gives up instead of overwriting the winner', async () => {
    const { upload } = await sent(world);
    const uploads = intercept(world.uploads, async ({ method, proceed }) =>
      method === 'change' ? 'stale' : await proceed(),
    );
    await expect(finalize(upload, { uploads })).rejects.toThrow(Unavailable);
    expect(rowOf(world, upload.uploadId)).toEqual(upload);
  });
});

describe('finalizing an upload that was sent in parts', () => {
  const FILE = pdf('in parts', 40 * MIB);
  let upload: Upload;

  beforeEach(async () => {
    upload = value(await openUpload(world, { tenant: TENANT, ...declared(FILE, 'crc64nvme') })).upload;
  });

  async function sendParts(partNumbers: readonly number[], file = FILE): Promise<void> {
    const { uploadId } = upload;
    const { parts } = value(await signParts(world, { uploadId, tenant: TENANT, partNumbers }));
    for (const part of parts) world.quarantine.send(part, file);
  }

  test('the parts become one object, which is pinned', async () => {
    await sendParts([3, 1, 2]);
    expect(value(await finalize(upload)).state).toBe('finalized');
    expect(world.quarantine.versionsOf(upload.uploadId)).toMatchObject([{ file: FILE }]);
  });

  test('an upload with missing parts is incomplete, and still accepts them', async () => {
    await sendParts([1, 3]);
    expect(await finalize(upload)).toEqual(INCOMPLETE);
    await sendParts([2]);
    expect(value(await finalize(upload)).state).toBe('finalized');
  });

  test('parts of another file are rejected', async () => {
    await sendParts([1, 2, 3], pdf('of another'));
    expect(value(await finalize(upload))).toMatchObject({ state: 'rejected', reason: 'checksum_mismatch' });
  });

  test('a call that stopped after the object was completed is finished by the next one', async () => {
    await sendParts([1, 2, 3]);
    const error = new Unavailable('quarantine', 'timed out');
    const quarantine = faulty(world.quarantine, 'complete', { lose: 'response', error });
    await expect(finalize(upload, { quarantine })).rejects.toBe(error);
    expect(value(await finalize(upload)).state).toBe('finalized');
  });

  test('a call that finds the object completed by another call pins the same version', async () => {
    await sendParts([1, 2, 3]);
    const quarantine = intercept(world.quarantine, async ({ method, proceed }) => {
      if (method === 'complete') value(await finalize(upload));
      return await proceed();
    });
    expect(value(await finalize(upload, { quarantine }))).toEqual(rowOf(world, upload.uploadId));
    expect(world.quarantine.versionsOf(upload.uploadId)).toHaveLength(1);
  });

  test('a session whose multipart upload has not begun yet is incomplete', async () => {
    const { multipartId: _lost, ...row } = upload;
    world.uploads.rows.set(upload.uploadId, row);
    expect(await finalize(upload)).toEqual(INCOMPLETE);
  });
});
