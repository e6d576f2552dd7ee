import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse as parseDisposition } from 'content-disposition';
import { clientSettings } from '../../lambda/adapters/client-settings.ts';
import { S3FileStore, s3Settings } from '../../lambda/adapters/s3-file-store.ts';
import { Unavailable } from '../../lambda/domain/errors.ts';
import { newRedemptionId, newUploadId } from '../../lambda/domain/ids.ts';
import type { OpenFile } from '../../lambda/domain/ports.ts';
import type { Asset } from '../../lambda/domain/records.ts';
import { assetOf, keyOfUpload, objectOf } from '../../lambda/domain/uploads/upload.ts';
import { type RunningService, startLoopbackServer } from '../../laptop/src/loopback-server.ts';
import { type RunningS3, startS3 } from '../../laptop/src/s3/s3.ts';
import { afterwards } from '../../laptop/test/support/afterwards.ts';
import { SdkUpload } from '../../laptop/test/support/multipart.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { assetName } from '../support/values.ts';

const BUCKET = 'files';
const REDEMPTION = newRedemptionId();
const dataDir = mkdtempSync(join(tmpdir(), 'file-store-'));
const later = afterwards();
let s3: RunningS3;
let client: S3Client;
let store: S3FileStore;

function connect(endpoint: string): S3Client {
  return new S3Client({
    ...clientSettings,
    ...s3Settings,
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'AKIDTEST', secretAccessKey: 'secret' },
  });
}

function behind(proxy: RunningService): S3Client {
  const connected = connect(proxy.url);
  later(proxy.close);
  later(() => connected.destroy());
  return connected;
}

beforeAll(async () => {
  s3 = await startS3({
    port: 0,
    dataDir,
    clock: () => new Date(),
    credentials: (id) => (id === 'AKIDTEST' ? { secretAccessKey: 'secret' } : undefined),
  });
  s3.createBucket(BUCKET, { versioned: true });
  client = connect(s3.url);
  store = new S3FileStore(client, BUCKET);
});

afterAll(async () => {
  client.destroy();
  await s3.close();
  rmSync(dataDir, { recursive: true });
});

async function offer(name: string, body: string, more: object = {}): Promise<void> {
  const put = new PutObjectCommand({
    Bucket: BUCKET,
    Key: `gated/${name}`,
    Body: body,
    ContentType: 'application/pdf',
    ...more,
  });
  await client.send(put);
}

async function headed(name: string): Promise<Asset> {
  const file = await store.head(assetName(name));
  if (!file.ok) throw new Error(`${name} is ${file.error}`);
  return file.value;
}

describe('the file store', () => {
  test('returns the name, version, type, and size of the newest version, and its SHA-256 if S3 has it', async () => {
    const sha256 = createHash('sha256').update('hello').digest();
    await offer('2031/known.pdf', 'hello', { ChecksumSHA256: sha256.toString('base64') });
    expect(await headed('2031/known.pdf')).toEqual({
      name: '2031/known.pdf',
      key: 'gated/2031/known.pdf',
      fileName: 'known.pdf',
      versionId: expect.stringMatching(/.+/),
      type: 'application/pdf',
      size: 5,
      sha256: sha256.toString('hex'),
    });
    await offer('plain.pdf', 'hello');
    expect(await headed('plain.pdf')).not.toHaveProperty('sha256');
  });

  test('does not report a composite checksum as the SHA-256 of the file', async () => {
    const upload = await SdkUpload.begin(client, { Key: 'gated/parts.pdf', ChecksumAlgorithm: 'SHA256' });
    await upload.complete([await upload.part(1, 'x', { ChecksumAlgorithm: 'SHA256' })]);
    expect(await headed('parts.pdf')).toMatchObject({ size: 1 });
    expect(await headed('parts.pdf')).not.toHaveProperty('sha256');
  });

  test('reports a file as missing if it never existed or was deleted', async () => {
    expect(await store.head(assetName('never.pdf'))).toEqual({ ok: false, error: 'missing' });
    await offer('gone.pdf', 'x');
    await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'gated/gone.pdf' }));
    expect(await store.head(assetName('gone.pdf'))).toEqual({ ok: false, error: 'missing' });
  });

  test('reports a file as archived if it must be restored first', async () => {
    await offer('cold.pdf', 'x', { StorageClass: 'DEEP_ARCHIVE' });
    expect(await store.head(assetName('cold.pdf'))).toEqual({ ok: false, error: 'archived' });
  });

  test('signs a URL for exactly the version that HEAD found', async () => {
    await offer('versions.pdf', 'first');
    const first = await headed('versions.pdf');
    await offer('versions.pdf', 'second');
    const url = await store.presign(first, REDEMPTION, 30);
    expect(await (await fetch(url)).text()).toBe('first');
    expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('30');
    expect(new URL(url).searchParams.has('x-amz-checksum-mode')).toBe(false);
  });

  test('includes the redemption ID in the signature, so that S3 logs the ID and refuses any other', async () => {
    await offer('named.pdf', 'x');
    const url = new URL(await store.presign(await headed('named.pdf'), REDEMPTION, 30));
    expect(url.searchParams.get('x-redemption-id')).toBe(REDEMPTION);
    expect((await fetch(url)).status).toBe(200);
    url.searchParams.set('x-redemption-id', newRedemptionId());
    expect((await fetch(url)).status).toBe(403);
    url.searchParams.delete('x-redemption-id');
    expect((await fetch(url)).status).toBe(403);
  });

  test('signs URLs for the endpoint that recipients use, and reads through a different one', async () => {
    await offer('inside.pdf', 'x');
    const signer = connect('https://bucket.vpce-0abc-1def.s3.eu-central-1.vpce.amazonaws.com');
    later(() => signer.destroy());
    const inside = new S3FileStore(client, BUCKET, { signer });
    expect(await inside.head(assetName('inside.pdf'))).toMatchObject({ ok: true });
    const url = new URL(await inside.presign(await headed('inside.pdf'), REDEMPTION, 30));
    expect(url.host).toBe('files.bucket.vpce-0abc-1def.s3.eu-central-1.vpce.amazonaws.com');
    expect(url.pathname).toBe('/gated/inside.pdf');
  });

  test('replaces the origin of a signed URL with a proxy’s origin, and changes nothing else', async () => {
    await offer("it's (1) + ä%.pdf", 'x');
    const asset = await headed("it's (1) + ä%.pdf");
    const origin = 'https://downloads.example.org';
    const url = await new S3FileStore(client, BUCKET, { origin }).presign(asset, REDEMPTION, 30);
    expect(url.startsWith(`${origin}/files/gated/it`)).toBe(true);
    const atBucket = url.replace(origin, s3.url);
    expect(await (await fetch(atBucket)).text()).toBe('x');
  });

  test.each([
    'report.pdf',
    'Jahresübersicht – Ärzte & Söhne.pdf',
    'год 2031 + 100% (копия).pdf',
    '年次報告.pdf',
    'תקציר.pdf',
    '🎉 fête.pdf',
    "it's #1; a=b?.pdf",
    'two  spaces.pdf',
    'say "hi".pdf',
  ])('signs a valid URL for %j, and browsers save the file under that name', async (name) => {
    await offer(name, name);
    const response = await fetch(await store.presign(await headed(name), REDEMPTION, 30));
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(name);
    const { type, parameters } = parseDisposition(response.headers.get('content-disposition') ?? '');
    expect(type).toBe('attachment');
    expect(parameters.filename).toBe(name.replaceAll('"', ''));
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-type')).toBe('application/pdf');
  });

  test('keeps the URL of a file with the longest name within API Gateway’s limit for headers', async () => {
    const name = `${'語'.repeat(330)}.pdf`;
    await offer(name, 'x', { ContentType: `application/${'x'.repeat(1500)}` });
    const url = await store.presign(await headed(name), REDEMPTION, 30);
    expect(url.length).toBeLessThan(6500);
    const response = await fetch(url);
    const { parameters } = parseDisposition(response.headers.get('content-disposition') ?? '');
    expect(parameters.filename).toMatch(/^語{65}\.pdf$/);
  });

  test.each([
    ['down', () => ({ fate: 'lose-request' }) as const],
    ['silent', () => ({ fate: 'hang' }) as const],
    ['failing', () => ({ fate: 'answer', status: 503, body: '' }) as const],
  ])('throws Unavailable when S3 is %s', async (_name, decide) => {
    const faulty = behind(await startFaultProxy(s3.url, decide));
    await expect(new S3FileStore(faulty, BUCKET).head(assetName('x.pdf'))).rejects.toBeInstanceOf(
      Unavailable,
    );
  });

  test('does not report a missing permission as a missing file', async () => {
    const refused = behind(await startFaultProxy(s3.url, () => ({ fate: 'answer', status: 403, body: '' })));
    const head = new S3FileStore(refused, BUCKET).head(assetName('x.pdf'));
    await expect(head).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  });
});

/** Returns a store that reaches S3 through a fault proxy, and the ranges that it has requested so far. */
async function through(decide: (get: number) => ReturnType<Parameters<typeof startFaultProxy>[1]>) {
  const ranges: (string | undefined)[] = [];
  const proxy = await startFaultProxy(s3.url, (_target, request) => {
    ranges.push(request.headers.range);
    return decide(ranges.length);
  });
  return { store: new S3FileStore(behind(proxy), BUCKET), ranges };
}

describe('opening a file', () => {
  test('reports a file as missing if it never existed or was deleted', async () => {
    expect(await store.open(assetName('never.pdf'), REDEMPTION)).toEqual({ ok: false, error: 'missing' });
    await offer('gone too.pdf', 'x');
    await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'gated/gone too.pdf' }));
    expect(await store.open(assetName('gone too.pdf'), REDEMPTION)).toEqual({ ok: false, error: 'missing' });
  });

  test('reports a file as archived if S3 says so', async () => {
    const body = '<Error><Code>InvalidObjectState</Code><Message>archived</Message></Error>';
    const { store: archived } = await through(() => ({ fate: 'answer', status: 403, body }));
    expect(await archived.open(assetName('x.pdf'), REDEMPTION)).toEqual({ ok: false, error: 'archived' });
  });

  test('throws Unavailable while S3 is down', async () => {
    const { store: down } = await through(() => ({ fate: 'lose-request' }));
    await expect(down.open(assetName('open.pdf'), REDEMPTION)).rejects.toBeInstanceOf(Unavailable);
  });
});

describe('an opened file', () => {
  async function opened(from: S3FileStore, name: string): Promise<OpenFile> {
    const file = await from.open(assetName(name), REDEMPTION);
    if (!file.ok) throw new Error(`${name} is ${file.error}`);
    return file.value;
  }

  async function read(file: OpenFile): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of file.bytes) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  test('has the bytes of the newest version and the headers for a browser', async () => {
    await offer('open.pdf', 'old');
    await offer('open.pdf', 'new bytes');
    const file = await opened(store, 'open.pdf');
    expect(file.asset).toEqual(await headed('open.pdf'));
    expect(file).toMatchObject({
      type: 'application/pdf',
      disposition: 'attachment; filename=open.pdf',
    });
    expect((await read(file)).toString()).toBe('new bytes');
  });

  test('can be private, with its prefix in its name', async () => {
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'private/a.pdf', Body: 'x' }));
    await offer('a.pdf', 'public');
    expect((await opened(store, 'private/a.pdf')).asset).toMatchObject({ key: 'private/a.pdf', size: 1 });
    expect((await opened(store, 'a.pdf')).asset).toMatchObject({ key: 'gated/a.pdf', size: 6 });
  });

  test('can be an uploaded object, with its file name in its metadata', async () => {
    const uploadId = newUploadId();
    const Metadata = { 'file-name': encodeURIComponent('Ärzte & "Söhne".pdf') };
    await client.send(
      new PutObjectCommand({ Bucket: BUCKET, Key: keyOfUpload(uploadId), Body: 'x', Metadata }),
    );
    const asset = assetOf(objectOf(uploadId));
    const known = { name: asset, key: keyOfUpload(uploadId), fileName: 'Ärzte & Söhne.pdf' };
    expect(await store.head(asset)).toMatchObject({ ok: true, value: known });
    expect(await store.open(asset, REDEMPTION)).toMatchObject({ ok: true, value: { asset: known } });
  });

  test('can be empty', async () => {
    await client.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: 'gated/empty.txt',
        Body: Buffer.alloc(0),
        ContentLength: 0,
      }),
    );
    expect(await read(await opened(store, 'empty.txt'))).toHaveLength(0);
  });

  const LARGE = randomBytes(400_000);

  test('is read from S3 no faster than the caller reads it', async () => {
    const pieces = { count: 1024, piece: Buffer.alloc(65536, 'x') };
    const size = pieces.count * pieces.piece.length;
    let given = 0;
    async function* all(): AsyncGenerator<Uint8Array> {
      for (let piece = 0; piece < pieces.count; piece += 1) {
        given += pieces.piece.length;
        yield pieces.piece;
      }
    }
    const bucket = await startLoopbackServer({ port: 0 }, async (_request, response) => {
      response.writeHead(200, { 'content-length': String(size), 'x-amz-version-id': 'v1' });
      await pipeline(all, response);
    });
    const connected = behind(bucket);
    const held = await opened(new S3FileStore(connected, BUCKET), 'held.bin');
    const reader = held.bytes[Symbol.asyncIterator]();
    await reader.next();
    // In the time it takes to read another file completely, this file could have arrived as well.
    expect(await read(await opened(new S3FileStore(connected, BUCKET), 'other.bin'))).toHaveLength(size);
    // Sockets buffer at most 10 MB by default, depending on the operating system.
    expect(given - size).toBeLessThan(size / 2);
    held.abort();
    await expect(reader.next()).rejects.toThrow();
  });

  test('continues where its connection broke', async () => {
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'gated/large.bin', Body: LARGE }));
    const { store: breaking, ranges } = await through((get) =>
      get < 3 ? { fate: 'cut-response', afterBytes: 100_000 } : { fate: 'pass' },
    );
    expect((await read(await opened(breaking, 'large.bin'))).equals(LARGE)).toBe(true);
    expect(ranges).toEqual([undefined, 'bytes=100000-', 'bytes=200000-']);
  });

  test('fails after three connections in a row break before the first byte', async () => {
    const { store: breaking, ranges } = await through(() => ({ fate: 'cut-response', afterBytes: 0 }));
    await expect(read(await opened(breaking, 'large.bin'))).rejects.toThrow();
    expect(ranges).toHaveLength(3);
  });

  test('is not requested from S3 again after the caller aborts', async () => {
    const { store: passing, ranges } = await through(() => ({ fate: 'pass' }));
    const file = await opened(passing, 'large.bin');
    const reading = read(file);
    file.abort();
    await expect(reading).rejects.toThrow();
    expect(ranges).toHaveLength(1);
  });
});
