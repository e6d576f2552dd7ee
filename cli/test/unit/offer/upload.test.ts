import { createHash, randomBytes } from 'node:crypto';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import {
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { LocalS3, S3_CREDENTIALS } from '../../../../laptop/test/support/local-s3.ts';
import { assetName } from '../../../../test/support/values.ts';
import { type LocalFile, openLocalFile } from '../../../files/local-file.ts';
import { digestFile, type FileDigest, partSizeOf } from '../../../offer/file-digest.ts';
import { planStep } from '../../../offer/plan.ts';
import { type Target, upload, type Watch } from '../../../offer/upload.ts';
import { abortStaleUploads } from '../../../offer/upload-in-parts.ts';
import { CLIENT_SETTINGS } from '../../../tvm/client-settings.ts';

const MEBIBYTE = 1024 * 1024;
/** The smallest part that S3 accepts. */
const SMALL_PARTS = { wholeUpTo: 6 * MEBIBYTE, leastPart: 5 * MEBIBYTE };
const CONTENT = randomBytes(12 * MEBIBYTE);
const WHOLE = CONTENT.subarray(0, MEBIBYTE);

const target: Target = {
  Bucket: 'files',
  Key: 'gated/report.bin',
  ContentType: 'application/octet-stream',
  StorageClass: 'STANDARD',
};
const never = new AbortController().signal;

let s3: LocalS3;
let client: S3Client;
let folder: string;
const opened: LocalFile[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tvm-upload-'));
});
beforeEach(async () => {
  s3 = new LocalS3();
  await s3.start();
  client = clientOf(s3.service.url);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ handle }) => handle.close()));
  client.destroy();
  await s3.remove();
});
afterAll(() => rm(folder, { recursive: true }));

const clientOf = (endpoint: string): S3Client =>
  new S3Client({
    ...CLIENT_SETTINGS,
    endpoint,
    region: 'eu-west-1',
    credentials: S3_CREDENTIALS,
    forcePathStyle: true,
  });

async function fileOf(content: Buffer): Promise<{ file: LocalFile; digest: FileDigest; path: string }> {
  const path = join(folder, 'report.bin');
  await writeFile(path, content);
  const file = await openLocalFile(path, () => Promise.reject(new Error('it is not a link')));
  opened.push(file);
  return { file, digest: await digestOf(file), path };
}

const digestOf = (file: LocalFile): Promise<FileDigest> =>
  digestFile(file.handle, file.size, { advance: () => undefined, signal: never }, SMALL_PARTS);

const watch = (advance: Watch['advance'] = () => undefined, signal = never): Watch => ({
  signal,
  advance,
});

const versions = async () =>
  (await client.send(new ListObjectVersionsCommand({ Bucket: 'files' }))).Versions ?? [];
const unfinished = async () =>
  (await client.send(new ListMultipartUploadsCommand({ Bucket: 'files' }))).Uploads ?? [];

describe('upload', () => {
  test('sends a small file whole, so that S3 stores its SHA-256', async () => {
    const { file, digest } = await fileOf(WHOLE);
    let sent = 0;
    const versionId = await upload(
      client,
      target,
      file,
      digest,
      watch((bytes) => (sent += bytes)),
    );
    const there = await client.send(
      new HeadObjectCommand({ Bucket: 'files', Key: target.Key, ChecksumMode: 'ENABLED' }),
    );
    expect(there).toMatchObject({
      VersionId: versionId,
      ChecksumSHA256: createHash('sha256').update(WHOLE).digest('base64'),
      ContentType: 'application/octet-stream',
    });
    expect(sent).toBe(WHOLE.length);
  });

  test('sends a large file in parts', async () => {
    const { file, digest } = await fileOf(CONTENT);
    let sent = 0;
    await upload(
      client,
      target,
      file,
      digest,
      watch((bytes) => (sent += bytes)),
    );
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'files', Key: target.Key }));
    expect(CONTENT.equals((await Body?.transformToByteArray()) ?? Buffer.of())).toBe(true);
    expect({ sent, unfinished: await unfinished() }).toEqual({ sent: CONTENT.length, unfinished: [] });
  });

  test.each([
    ['whole', Buffer.of()],
    ['whole', WHOLE],
    ['parts', CONTENT],
  ])(
    'is not planned if the same bytes, type, and storage class are already offered (%s)',
    async (_, content) => {
      const { file, digest } = await fileOf(content);
      const wanted = { asset: assetName('report.bin'), file, target };
      const plan = async (changes: Partial<Target> = {}) =>
        (await planStep(client, { ...wanted, target: { ...target, ...changes } }, digestOf, never)).kind;
      expect(await plan()).toBe('new');
      await upload(client, target, file, digest, watch());
      expect(await plan()).toBe('unchanged');
      expect(await plan({ ContentType: 'text/plain' })).toBe('replace');
      expect(await plan({ StorageClass: 'STANDARD_IA' })).toBe('replace');
    },
  );

  test('is planned as a replacement if different bytes are offered, whatever their size', async () => {
    const { file, digest } = await fileOf(WHOLE);
    await upload(client, target, file, digest, watch());
    for (const other of [Buffer.alloc(WHOLE.length), Buffer.alloc(1)]) {
      const wanted = { asset: assetName('report.bin'), file: (await fileOf(other)).file, target };
      expect((await planStep(client, wanted, digestOf, never)).kind).toBe('replace');
    }
  });

  const CHANGES: Readonly<Record<string, (path: string, content: Buffer) => Promise<void>>> = {
    changed: (path, content) => writeFile(path, randomBytes(content.length)),
    grew: (path) => appendFile(path, 'more'),
    'was cut short': (path, content) => writeFile(path, content.subarray(0, 1000)),
  };
  test.each(
    Object.entries(CHANGES).flatMap(([what, change]) => [
      [what, 'whole', change, WHOLE] as const,
      [what, 'parts', change, CONTENT] as const,
    ]),
  )('refuses a file that %s after it was read (%s), and offers nothing', async (_, __, change, content) => {
    const { file, digest, path } = await fileOf(content);
    await change(path, content);
    await expect(upload(client, target, file, digest, watch())).rejects.toThrow(
      `${path} changed during the upload.`,
    );
    expect({ versions: await versions(), unfinished: await unfinished() }).toEqual({
      versions: [],
      unfinished: [],
    });
  });
});

test.each([
  ['whole', WHOLE],
  ['parts', CONTENT],
])('upload deletes the stored file if S3 reports a different checksum (%s)', async (_, content) => {
  client.middlewareStack.add((next) => async (args) => {
    const answered = await next(args);
    if ('ChecksumSHA256' in answered.output) answered.output.ChecksumSHA256 = 'another';
    return answered;
  });
  const { file, digest } = await fileOf(content);
  await expect(upload(client, target, file, digest, watch())).rejects.toThrow('a different checksum');
  expect(await versions()).toEqual([]);
});

describe('an upload that fails or is stopped', () => {
  test('is aborted only after all parts in progress have ended', async () => {
    let underWay = 0;
    const allUnderWay = Promise.withResolvers<void>();
    const underWayAtAbort: number[] = [];
    client.middlewareStack.add((next, { commandName }) => async (args) => {
      if (commandName === 'AbortMultipartUploadCommand') underWayAtAbort.push(underWay);
      if (commandName !== 'UploadPartCommand') return next(args);
      underWay += 1;
      const first = underWay === 1;
      if (underWay === 3) allUnderWay.resolve();
      try {
        await allUnderWay.promise;
        if (first) throw new Error('the first part fails');
        return await next(args);
      } finally {
        // The other parts end after the first part has failed.
        await setImmediate();
        await setImmediate();
        underWay -= 1;
      }
    });
    const { file, digest } = await fileOf(CONTENT);
    await expect(upload(client, target, file, digest, watch())).rejects.toThrow('the first part fails');
    expect(underWayAtAbort).toEqual([0]);
  });

  test.each([
    ['whole', WHOLE],
    ['parts', CONTENT],
  ])('leaves nothing behind (%s)', async (_, content) => {
    const { file, digest } = await fileOf(content);
    const stop = new AbortController();
    const stopped = upload(
      client,
      target,
      file,
      digest,
      watch(() => stop.abort(), stop.signal),
    );
    await expect(stopped).rejects.toThrow();
    expect({ versions: await versions(), unfinished: await unfinished() }).toEqual({
      versions: [],
      unfinished: [],
    });
  });
});

test('abortStaleUploads removes only the unfinished uploads of the given key', async () => {
  for (const Key of [target.Key, target.Key, `${target.Key}.old`]) {
    await client.send(new CreateMultipartUploadCommand({ Bucket: 'files', Key }));
  }
  expect(await abortStaleUploads(client, target, never)).toBe(2);
  expect((await unfinished()).map(({ Key }) => Key)).toEqual([`${target.Key}.old`]);
});

test('partSizeOf returns a size at which 10,000 parts can hold the largest S3 object', () => {
  const largest = 50 * 1024 ** 4;
  expect(partSizeOf(200_000_001, 16 * MEBIBYTE)).toBe(16 * MEBIBYTE);
  expect(partSizeOf(largest, 16 * MEBIBYTE) * 10_000).toBeGreaterThanOrEqual(largest);
});
