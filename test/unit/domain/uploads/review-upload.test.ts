import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../../../lambda/domain/errors.ts';
import { newUploadId, type UploadId } from '../../../../lambda/domain/ids.ts';
import { cancelUpload } from '../../../../lambda/domain/uploads/cancel-upload.ts';
import { type Decision, reviewUpload, showUpload } from '../../../../lambda/domain/uploads/review-upload.ts';
import type { HistoryLine } from '../../../../lambda/domain/uploads/upload.ts';
import { faulty, intercept, noted } from '../../../support/intercept.ts';
import {
  createUploadWorld,
  finalized,
  opened,
  rowOf,
  scanned,
  sent,
  TENANT,
  type UploadWorld,
  value,
} from '../../../support/memory-upload-world.ts';

const OPERATOR = 'arn:aws:iam::111122223333:role/operator';

let world: UploadWorld;

beforeEach(() => {
  world = createUploadWorld();
});

const review = (uploadId: UploadId, decision: Decision, deps: Partial<UploadWorld> = {}) =>
  reviewUpload({ ...world, ...deps }, { uploadId, decision, by: OPERATOR });
const refusal = (code: string) => ({ ok: false, error: { code } });

async function parked(): ReturnType<typeof finalized> {
  const { upload, version } = await finalized(world);
  await scanned(world, version, 'UNSUPPORTED');
  return { upload, version };
}

describe('releasing a parked upload', () => {
  test('the pinned version is first tagged and then published, and the history names the operator', async () => {
    const { upload, version } = await parked();
    const calls: string[] = [];
    const quarantine = noted(world.quarantine, 'quarantine', calls);
    const uploads = noted(world.uploads, 'uploads', calls);
    const released = value(await review(upload.uploadId, 'release', { quarantine, uploads }));
    expect(released).toMatchObject({ state: 'published', version: upload.version });
    expect(calls.filter((call) => /mark|change/.test(call))).toEqual([
      'quarantine.markReleased',
      'uploads.change',
    ]);
    expect(version).toMatchObject({ isReleased: true, tag: 'UNSUPPORTED' });
    const { lines } = value(await showUpload(world, upload.uploadId));
    expect(lines.at(-1)).toMatchObject({ event: 'released', by: OPERATOR, versionId: version.versionId });
  });

  test('a release that stopped after tagging the version can be repeated', async () => {
    const { upload } = await parked();
    const error = new Unavailable('uploads', 'down');
    const uploads = faulty(world.uploads, 'change', { lose: 'request', error });
    await expect(review(upload.uploadId, 'release', { uploads })).rejects.toBe(error);
    expect(rowOf(world, upload.uploadId).state).toBe('parked');
    expect(value(await review(upload.uploadId, 'release')).state).toBe('published');
  });

  test('a repeated release gets the same response', async () => {
    const { upload } = await parked();
    const first = value(await review(upload.uploadId, 'release'));
    expect(value(await review(upload.uploadId, 'release'))).toEqual(first);
  });

  test('an upload that was not finalized cannot be released', async () => {
    const { upload, version } = await sent(world);
    await scanned(world, version, 'FAILED');
    expect(await review(upload.uploadId, 'release')).toEqual(refusal('upload_incomplete'));
    expect(version.isReleased).toBe(false);
  });

  test('only a parked upload can be released', async () => {
    const { upload, version } = await finalized(world);
    expect(await review(upload.uploadId, 'release')).toEqual(refusal('not_parked'));
    await scanned(world, version, 'THREATS_FOUND');
    expect(await review(upload.uploadId, 'release')).toEqual(refusal('not_parked'));
  });

  test('threats found while an operator releases an upload take precedence over the release', async () => {
    const { upload, version } = await parked();
    const quarantine = intercept(world.quarantine, async ({ method, proceed }) => {
      if (method === 'markReleased') await scanned(world, version, 'THREATS_FOUND');
      return await proceed();
    });
    expect(await review(upload.uploadId, 'release', { quarantine })).toEqual(refusal('not_parked'));
    expect(rowOf(world, upload.uploadId)).toMatchObject({ state: 'rejected', reason: 'malware' });
  });
});

describe('rejecting an upload', () => {
  test.each<[string, () => Promise<UploadId>]>([
    ['created', async () => (await opened(world)).uploadId],
    ['finalized', async () => (await finalized(world)).upload.uploadId],
    ['parked', async () => (await parked()).upload.uploadId],
  ])('an upload that is %s can be rejected, even twice', async (_state, begin) => {
    const uploadId = await begin();
    const rejected = value(await review(uploadId, 'reject'));
    expect(rejected).toMatchObject({ state: 'rejected', reason: 'operator', step: { by: OPERATOR } });
    expect(value(await review(uploadId, 'reject'))).toEqual(rejected);
  });

  test('a published or expired upload cannot be rejected', async () => {
    const { version } = await finalized(world);
    await scanned(world, version, 'NO_THREATS_FOUND');
    expect(await review(version.uploadId, 'reject')).toEqual(refusal('already_published'));
    const { uploadId } = await opened(world);
    await cancelUpload(world, uploadId, TENANT);
    expect(await review(uploadId, 'reject')).toEqual(refusal('upload_ended'));
  });
});

describe('scanning an upload again', () => {
  test('the pinned version is scanned again, and the new verdict decides', async () => {
    const { upload, version } = await parked();
    expect(value(await review(upload.uploadId, 'rescan'))).toMatchObject({ state: 'parked', asked: 1 });
    const { uploadId, versionId } = version;
    expect(world.scanner.asked).toEqual([{ uploadId, versionId }]);
    expect(await scanned(world, version, 'NO_THREATS_FOUND')).toBe('published');
  });

  test('a published upload can be scanned again, and is rejected if threats are found', async () => {
    const { version } = await finalized(world);
    await scanned(world, version, 'NO_THREATS_FOUND');
    expect(value(await review(version.uploadId, 'rescan')).state).toBe('published');
    expect(await scanned(world, version, 'THREATS_FOUND')).toBe('rejected');
  });

  test('an upload that has no version or has ended cannot be scanned again', async () => {
    const { uploadId } = await opened(world);
    expect(await review(uploadId, 'rescan')).toEqual(refusal('upload_incomplete'));
    await cancelUpload(world, uploadId, TENANT);
    expect(await review(uploadId, 'rescan')).toEqual(refusal('upload_ended'));
    expect(world.scanner.asked).toEqual([]);
  });
});

describe('showing an upload to an operator', () => {
  test('an unknown upload cannot be shown, released, rejected, or scanned again', async () => {
    const unknown = newUploadId();
    expect(await showUpload(world, unknown)).toEqual(refusal('not_found'));
    for (const decision of ['release', 'reject', 'rescan'] as const) {
      expect(await review(unknown, decision)).toEqual(refusal('not_found'));
    }
  });

  test('the history shows the last step even if the function stopped before writing its line', async () => {
    const { uploadId } = await opened(world);
    const error = new Unavailable('history', 'down');
    const history = intercept(world.history, async ({ args: [line], proceed }) => {
      if ((line as HistoryLine).event === 'expired') throw error;
      return await proceed();
    });
    await expect(cancelUpload({ ...world, history }, uploadId, TENANT)).rejects.toBe(error);
    const { lines } = value(await showUpload(world, uploadId));
    expect(lines.map(({ event }) => event)).toEqual(['opened', 'expired']);
  });
});
