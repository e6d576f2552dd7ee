import { once } from 'node:events';
import { fstatSync, readdirSync, statSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { heldBytes } from '../support/held-bytes.ts';
import { LocalS3 } from '../support/local-s3.ts';

const MB = 1024 * 1024;
const OBJECT = { Bucket: 'plain', Key: 'large.bin' };
const s3 = new LocalS3();
beforeAll(async () => {
  await s3.start();
  await s3.client.send(new PutObjectCommand({ ...OBJECT, Body: Buffer.alloc(48 * MB, 'x') }));
});
afterAll(() => s3.remove());

/** Requests the object without reading its bytes. */
async function open(): Promise<IncomingMessage> {
  const { Body } = await s3.client.send(new GetObjectCommand(OBJECT));
  return Body as unknown as IncomingMessage;
}

async function lengthOf(body: AsyncIterable<Uint8Array>): Promise<number> {
  let length = 0;
  for await (const part of body) length += part.length;
  return length;
}

/** Counts the files that S3 has open. S3 runs in this process. */
function openFiles(): number {
  const own = new Set(
    readdirSync(s3.dataDir, { recursive: true, encoding: 'utf8' }).map(
      (path) => statSync(join(s3.dataDir, path)).ino,
    ),
  );
  return readdirSync('/dev/fd').filter((descriptor) => {
    try {
      return own.has(fstatSync(Number(descriptor)).ino);
    } catch {
      // The descriptor that was used to list /dev/fd is already closed.
      return false;
    }
  }).length;
}

/** Sends requests until S3 has closed every file. S3 closes a file once it is sent or its client has disconnected. */
async function untilAllAreClosed(): Promise<void> {
  while (openFiles() > 0) await s3.client.send(new HeadObjectCommand(OBJECT));
}

test('an object is not buffered in memory when clients stop reading', async () => {
  await lengthOf(await open());
  const floor = await heldBytes();
  const slow = await Promise.all(Array.from({ length: 8 }, open));
  // A client that keeps reading receives everything.
  expect(await lengthOf(await open())).toBe(48 * MB);
  // Measured: 2.5 MB. Buffering would take 384 MB.
  expect(((await heldBytes()) - floor) / MB).toBeLessThan(16);
  expect(await Promise.all(slow.map(lengthOf))).toEqual(Array(8).fill(48 * MB));
});

test('a client that disconnects leaves no files open', async () => {
  await untilAllAreClosed();
  const readers = await Promise.all(Array.from({ length: 8 }, open));
  await Promise.all(readers.map((reader) => once(reader, 'readable')));
  expect(openFiles()).toBe(8);
  for (const reader of readers) reader.destroy();
  await untilAllAreClosed();
});
