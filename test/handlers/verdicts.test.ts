import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { cancelUpload } from '../../lambda/domain/uploads/cancel-upload.ts';
import { createSweepHandler } from '../../lambda/handlers/sweep.ts';
import { createVerdictsHandler } from '../../lambda/handlers/verdicts.ts';
import { MemoryTelemetry } from '../support/memory-telemetry.ts';
import {
  createUploadWorld,
  finalized,
  rowOf,
  SESSION_SECONDS,
  sent,
  TENANT,
  type UploadWorld,
  value,
} from '../support/memory-upload-world.ts';

const golden = (name: string) => readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8');
const CREATED = golden('eventbridge-object-created');
const SCANNED = golden('eventbridge-scan-result');

let world: UploadWorld;
let telemetry: MemoryTelemetry;
beforeEach(() => {
  world = createUploadWorld();
  telemetry = new MemoryTelemetry();
});

type Sent = Awaited<ReturnType<typeof sent>>;

const about = (event: string, { upload, version }: Sent, bucket = 'files') =>
  event
    .replaceAll('BUCKET', bucket)
    .replace('UPLOAD_ID', upload.uploadId)
    .replace('VERSION_ID', version.versionId);

function deliver(...bodies: readonly string[]) {
  const Records = bodies.map((body, index) => ({ messageId: `m${index}`, body }));
  return createVerdictsHandler({ ...world, telemetry, bucket: 'files' })({ Records });
}

const outcomes = () => telemetry.lines.map(({ outcome }) => outcome);

describe('the verdict queue', () => {
  test('the arrival of a finalized upload is noted, and a clean verdict publishes the upload', async () => {
    const upload = await finalized(world);
    upload.version.tag = 'NO_THREATS_FOUND';
    const { batchItemFailures } = await deliver(about(CREATED, upload), about(SCANNED, upload));
    expect(batchItemFailures).toEqual([]);
    expect(outcomes()).toEqual(['noted', 'published']);
    expect(telemetry.milestones).toEqual(['UploadPublished']);
    expect(rowOf(world, upload.upload.uploadId)).toMatchObject({ state: 'published', closed: true });
  });

  test('a clean verdict without the tag is not trusted, and its message returns to the queue', async () => {
    const upload = await finalized(world);
    expect(await deliver(about(SCANNED, upload))).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    expect(rowOf(world, upload.upload.uploadId).state).toBe('finalized');
  });

  test('a malware verdict rejects the upload and deletes its object, and both are counted', async () => {
    const upload = await finalized(world);
    await deliver(about(SCANNED, upload).replace('NO_THREATS_FOUND', 'THREATS_FOUND'));
    expect(rowOf(world, upload.upload.uploadId)).toMatchObject({ state: 'rejected', reason: 'malware' });
    expect(world.quarantine.versions).toEqual([]);
    expect(telemetry.milestones).toEqual(['UploadRejected']);
    expect(telemetry.counts).toEqual({ UploadDeleted: 1 });
  });

  test.each(['UNSUPPORTED', 'ACCESS_DENIED', 'FAILED'])('the verdict %s parks an upload', async (status) => {
    const upload = await finalized(world);
    await deliver(about(SCANNED, upload).replace('NO_THREATS_FOUND', status));
    expect(rowOf(world, upload.upload.uploadId).state).toBe('parked');
    expect(telemetry.milestones).toEqual(['UploadParked']);
  });

  test('objects of other buckets, and objects that are not uploads, are ignored', async () => {
    const upload = await finalized(world);
    await deliver(
      about(SCANNED, upload, 'elsewhere'),
      about(CREATED, upload, 'elsewhere'),
      about(SCANNED, upload).replace('uploads/', 'gated/'),
      about(SCANNED, upload).replace(upload.upload.uploadId, 'malware-protection-test'),
    );
    expect(outcomes()).toEqual(Array(4).fill('unknown-object'));
    expect(rowOf(world, upload.upload.uploadId).state).toBe('finalized');
  });

  test('a message with an unknown source, an unknown verdict, or no content returns to the queue', async () => {
    const upload = await finalized(world);
    const { batchItemFailures } = await deliver(
      about(SCANNED, upload).replace('aws.guardduty', 'custom.guardduty'),
      about(SCANNED, upload).replace('NO_THREATS_FOUND', 'PERFECT'),
      '{}',
    );
    expect(batchItemFailures).toHaveLength(3);
    expect(rowOf(world, upload.upload.uploadId).state).toBe('finalized');
  });
});

describe('the schedule', () => {
  test('a sweep counts its actions, and measures how long an upload has been waiting for its verdict', async () => {
    await finalized(world);
    await sent(world);
    world.time.advance(SESSION_SECONDS);
    const swept = await createSweepHandler({ ...world, telemetry })({ id: 'event-1' });
    expect(swept).toMatchObject({ expired: 1, asked: 1, failed: 0 });
    expect(telemetry.counts).toMatchObject({ UploadExpired: 1, UploadDeleted: 1, VerdictAsked: 1 });
    expect(telemetry.ages).toEqual([{ wait: 'QuarantineAge', seconds: SESSION_SECONDS - 900 }]);
    expect(outcomes()).toEqual(['swept']);
  });

  test('an upload that a sweep rejects counts as one rejection and one deletion', async () => {
    const { upload, version } = await finalized(world);
    world.quarantine.tag(upload.uploadId, version.versionId, 'THREATS_FOUND');
    world.time.advance(SESSION_SECONDS);
    await createSweepHandler({ ...world, telemetry })({ id: 'event-1' });
    expect(telemetry.counts).toMatchObject({ UploadRejected: 1, UploadDeleted: 1 });
  });

  test('a cancelled upload counts as one deletion, even if S3 and GuardDuty report its object later', async () => {
    const upload = await finalized(world);
    value(await cancelUpload(world, upload.upload.uploadId, TENANT));
    await deliver(about(CREATED, upload), about(SCANNED, upload));
    expect(outcomes()).toEqual(['stray-version', 'stray-version']);
    await createSweepHandler({ ...world, telemetry })({ id: 'event-1' });
    expect(telemetry.milestones).toEqual([]);
    expect(telemetry.counts).toMatchObject({ UploadDeleted: 1 });
  });
});
