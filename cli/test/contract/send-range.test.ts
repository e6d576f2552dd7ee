import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { LocalS3 } from '../../../laptop/test/support/local-s3.ts';
import { type LocalFile, openLocalFile } from '../../files/local-file.ts';
import { sendRange } from '../../uploads/send-range.ts';
import type { SignedPut } from '../../uploads/upload.ts';

const CONTENT = Buffer.alloc(3_000_000, 'content');

let s3: LocalS3;
let folder: string;
let file: LocalFile;
let sent: number;

beforeEach(async () => {
  s3 = new LocalS3();
  await s3.start();
  // By default, the SDK presigns the checksum of an empty body.
  s3.client.config.requestChecksumCalculation = async () => 'WHEN_REQUIRED';
  folder = await mkdtemp(join(tmpdir(), 'tvm-send-'));
  const path = join(folder, 'a.bin');
  await writeFile(path, CONTENT);
  file = await openLocalFile(path, () => Promise.reject(new Error('it is not a link')));
  sent = 0;
});
afterEach(async () => {
  await file.handle.close();
  await rm(folder, { recursive: true });
  await s3.remove();
});

/** Signs the PUT of a new object with exactly these bytes, as the API does. */
async function presigned(content: Buffer, signingDate = new Date()): Promise<SignedPut> {
  const sha256 = createHash('sha256').update(content).digest('base64');
  const headers = {
    'content-length': String(content.length),
    'content-type': 'application/pdf',
    'if-none-match': '*',
    'x-amz-checksum-sha256': sha256,
  };
  const put = new PutObjectCommand({
    Bucket: 'files',
    Key: 'uploads/a',
    ContentLength: content.length,
    ContentType: 'application/pdf',
    IfNoneMatch: '*',
    ChecksumSHA256: sha256,
  });
  const names = new Set(Object.keys(headers));
  const options = { expiresIn: 120, signingDate, signableHeaders: names, unhoistableHeaders: names };
  return { url: await getSignedUrl(s3.client, put, options), headers };
}

const send = (sign: (attempt: number) => Promise<SignedPut>) =>
  sendRange(
    sign,
    file,
    { start: 0, length: CONTENT.length },
    {
      signal: new AbortController().signal,
      wait: async () => undefined,
      advance: (bytes) => {
        sent += bytes;
      },
    },
  );

async function stored(): Promise<Buffer> {
  const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: 'files', Key: 'uploads/a' }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

test('sendRange stores a file with a presigned URL, and succeeds without sending bytes if the file is already stored', async () => {
  await send(() => presigned(CONTENT));
  expect([(await stored()).equals(CONTENT), sent]).toEqual([true, CONTENT.length]);
  await send(() => presigned(CONTENT));
  expect(sent).toBe(CONTENT.length);
});

test('sendRange requests another URL if S3 reports that the first has expired, and sends no bytes to the first', async () => {
  const attempts: number[] = [];
  await send((attempt) => {
    attempts.push(attempt);
    return presigned(CONTENT, new Date(Date.now() - (attempt === 1 ? 121_000 : 0)));
  });
  expect({ attempts, sent }).toEqual({ attempts: [1, 2], sent: CONTENT.length });
});

test('sendRange reports that the file changed if S3 rejects its bytes', async () => {
  const other = Buffer.alloc(CONTENT.length, 'other');
  await expect(send(() => presigned(other))).rejects.toThrow('changed during the upload.');
  await expect(stored()).rejects.toMatchObject({ name: 'NoSuchKey' });
});
