import { createHash, randomBytes } from 'node:crypto';
import { DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createClients } from '../../laptop/src/clients.ts';
import { eventually } from '../../laptop/test/support/eventually.ts';
import { signedFetch } from '../../laptop/test/support/signed-fetch.ts';
import { issueLink } from '../support/issue-links.ts';
import { type Laptop, postToken, startLaptop } from '../support/laptop.ts';

/* Tests delivery as a stream, with a file near Lambda's size limit. */

const MEGABYTE = 1_000_000;
const LARGE = 190 * MEGABYTE;

let laptop: Laptop;
let api: string;
let s3: S3Client;
let sha256: string;

beforeAll(async () => {
  laptop = await startLaptop();
  ({ api } = laptop.endpoints);
  s3 = createClients(laptop.endpoints, laptop.endpoints, laptop.endpoints.region).s3;
  await laptop.offer('small.bin', randomBytes(MEGABYTE));
  const piece = randomBytes(MEGABYTE);
  const body = Buffer.concat(Array.from({ length: LARGE / MEGABYTE }, () => piece));
  sha256 = createHash('sha256').update(body).digest('base64');
  await s3.send(
    new PutObjectCommand({
      Bucket: laptop.endpoints.bucket,
      Key: 'gated/large.bin',
      Body: body,
      ChecksumSHA256: sha256,
    }),
  );
});
afterAll(async () => {
  s3.destroy();
  await laptop.close();
});

const redeem = (token: string, init: RequestInit = {}) =>
  fetch(`${api}/redeem/stream`, { method: 'POST', body: new URLSearchParams({ token }), ...init });

async function delivery(tokenId: string): Promise<unknown> {
  const look = async () => {
    const response = await signedFetch(laptop.endpoints, 'GET', `/links/${tokenId}`);
    return (await response.json()) as { state: string; delivered?: unknown };
  };
  return (await eventually(look, ({ delivered }) => delivered !== undefined)).delivered;
}

/** Reads a response to its end, without holding it in memory. */
async function received(response: Response): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('base64') };
}

test('190 MB are sent once, byte for byte, and a second POST is refused', async () => {
  const { token, tokenId } = await issueLink(laptop.endpoints, { asset: 'large.bin', delivery: 'stream' });
  const response = await redeem(token);
  expect(response.status).toBe(200);
  expect(response.headers.get('repr-digest')).toBe(`sha-256=:${sha256}:`);
  expect(await received(response)).toEqual({ bytes: LARGE, sha256 });

  const again = await redeem(token);
  expect(again.status).toBe(403);
  expect(await again.json()).toMatchObject({ code: 'token_redeemed' });
  expect(await delivery(tokenId)).toMatchObject({ outcome: 'delivered', bytes: LARGE });
});

test('the file is read no faster than the caller reads, and reading stops once the caller disconnects', async () => {
  const { token, tokenId } = await issueLink(laptop.endpoints, { asset: 'large.bin', delivery: 'stream' });
  const leaving = new AbortController();
  const response = await redeem(token, { signal: leaving.signal });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  // Meanwhile, another caller gets the whole file. The function could have read all of it for the first caller, too.
  const other = await issueLink(laptop.endpoints, { asset: 'large.bin', delivery: 'stream' });
  expect(await received(await redeem(other.token))).toEqual({ bytes: LARGE, sha256 });
  leaving.abort();
  await reader.read().catch(() => undefined);
  const delivered = (await delivery(tokenId)) as { outcome: string; bytes: number };
  expect(delivered.outcome).toBe('aborted');
  // The sockets buffer some bytes. The operating system sets the limit, at most 10 MB by default.
  expect(delivered.bytes).toBeLessThan(LARGE / 4);
  expect((await postToken(`${api}/redeem/stream`, token)).status).toBe(403);
});

test('a link is not spent while its file cannot be opened, and works once the file can be opened', async () => {
  const { token } = await issueLink(laptop.endpoints, { asset: 'small.bin', delivery: 'stream' });
  const object = { Bucket: laptop.endpoints.bucket, Key: 'gated/small.bin' };
  const { VersionId } = await s3.send(new DeleteObjectCommand(object));
  const missing = await redeem(token);
  expect(await missing.json()).toMatchObject({ status: 404, code: 'asset_missing' });
  await s3.send(new DeleteObjectCommand({ ...object, VersionId }));
  const response = await redeem(token);
  expect(response.status).toBe(200);
  expect((await response.arrayBuffer()).byteLength).toBe(MEGABYTE);
});

test('refuses to issue a link to a file that is too large to be streamed', async () => {
  const response = await signedFetch(laptop.endpoints, 'POST', '/links', {
    asset: 'huge.bin',
    delivery: 'stream',
  });
  expect(await response.json()).toMatchObject({ status: 404 });
  await s3.send(
    new PutObjectCommand({
      Bucket: laptop.endpoints.bucket,
      Key: 'gated/huge.bin',
      Body: Buffer.alloc(200 * MEGABYTE + 1),
    }),
  );
  const refused = await signedFetch(laptop.endpoints, 'POST', '/links', {
    asset: 'huge.bin',
    delivery: 'stream',
  });
  expect(await refused.json()).toMatchObject({ status: 422, code: 'asset_too_large' });
});
