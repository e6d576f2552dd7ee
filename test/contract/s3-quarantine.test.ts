import { createHash } from 'node:crypto';
import {
  DeleteObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { parse as parseDisposition } from 'content-disposition';
import { clientSettings } from '../../lambda/adapters/client-settings.ts';
import { s3Settings } from '../../lambda/adapters/s3-file-store.ts';
import { S3UploadChecks } from '../../lambda/adapters/s3-upload-checks.ts';
import { S3UploadDownloads } from '../../lambda/adapters/s3-upload-downloads.ts';
import { S3UploadRequests } from '../../lambda/adapters/s3-upload-requests.ts';
import { S3UploadVersions } from '../../lambda/adapters/s3-upload-versions.ts';
import { Unavailable } from '../../lambda/domain/errors.ts';
import type { SignedRequest, StoredPart } from '../../lambda/domain/uploads/ports.ts';
import { keyOfUpload, type Upload } from '../../lambda/domain/uploads/upload.ts';
import { startLoopbackServer } from '../../laptop/src/loopback-server.ts';
import { startDigest } from '../../laptop/src/s3/checksums.ts';
import { afterwards } from '../../laptop/test/support/afterwards.ts';
import { KMS_KEY_ARN, localS3, S3_CREDENTIALS, verdict } from '../../laptop/test/support/local-s3.ts';
import { type Decide, startFaultProxy } from '../support/fault-proxy.ts';
import { uploadAt } from '../support/uploads.ts';

const BUCKET = 'files';
const MIB = 1024 ** 2;
const s3 = localS3();
const later = afterwards();

/** Returns a client as the functions have it, of local S3 or of a proxy in front of it. */
function client(endpoint = s3.service.url): S3Client {
  const connected = new S3Client({
    ...clientSettings,
    ...s3Settings,
    endpoint,
    region: 'eu-west-1',
    credentials: S3_CREDENTIALS,
  });
  later(() => connected.destroy());
  return connected;
}

async function behind(decide: Decide): Promise<S3Client> {
  const proxy = await startFaultProxy(s3.service.url, decide);
  later(proxy.close);
  return client(proxy.url);
}

const requests = (of = client()) => new S3UploadRequests(of, { bucket: BUCKET, keyArn: KMS_KEY_ARN });
const checks = (of = client()) => new S3UploadChecks(of, { bucket: BUCKET });
const versions = (of = client()) => new S3UploadVersions(of, BUCKET);

/** Returns an upload that is sent whole. */
function whole(body: string | Buffer, more: Partial<Upload> = {}): Upload {
  const base64 = createHash('sha256').update(body).digest('base64');
  const size = Buffer.byteLength(body);
  return { ...uploadAt(new Date()), size, checksum: { kind: 'sha256', base64 }, ...more };
}

/** Returns an upload that is sent in parts, and has begun. */
async function inParts(body: Buffer, more: Partial<Upload> = {}): Promise<Upload> {
  const digest = startDigest('crc64nvme');
  digest.update(body);
  const base64 = Buffer.from(await digest.digest()).toString('base64');
  const upload: Upload = {
    ...uploadAt(new Date()),
    size: body.length,
    checksum: { kind: 'crc64nvme', base64 },
    ...more,
  };
  return { ...upload, multipartId: await requests().beginMultipart(upload) };
}

/** Sends a signed request as a client does: with the headers that it was given. */
function send({ method, url, headers }: SignedRequest, body: string | Buffer, more: object = {}) {
  return s3.send({
    method,
    target: url.slice(s3.service.url.length),
    headers: { ...headers, ...more },
    body,
  });
}

async function sendPart(upload: Upload, partNumber: number, body: Buffer) {
  const part = { partNumber, size: body.length };
  return await send(await requests().presignPart(upload, part, 120), body);
}

async function listed(upload: Upload): Promise<readonly StoredPart[]> {
  const page = await checks().parts(upload);
  if (!page.ok) throw new Error(page.error);
  return page.value.parts;
}

/** Puts the object of an upload, and returns its version. */
async function stored(upload: Upload, body: string | Buffer) {
  const put = await send(await requests().presignPut(upload, 120), body);
  expect(put.status).toBe(200);
  return String(put.headers['x-amz-version-id']);
}

async function tagged(upload: Upload, VersionId: string, tags: Readonly<Record<string, string>>) {
  const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const target = { Bucket: BUCKET, Key: keyOfUpload(upload.uploadId), VersionId };
  await s3.client.send(new PutObjectTaggingCommand({ ...target, Tagging: { TagSet } }));
}

describe('the signed PUT of an upload', () => {
  const NAMES = [
    'content-disposition',
    'content-length',
    'content-type',
    'host',
    'if-none-match',
    'x-amz-checksum-sha256',
    'x-amz-meta-file-name',
    'x-amz-server-side-encryption',
    'x-amz-server-side-encryption-aws-kms-key-id',
  ];

  test('covers every header that the sender sets, and moves none into the query', async () => {
    const { url, headers } = await requests().presignPut(whole('hello'), 120);
    const { searchParams } = new URL(url);
    expect(searchParams.get('X-Amz-SignedHeaders')?.split(';')).toEqual(NAMES);
    expect([...Object.keys(headers), 'host'].sort()).toEqual(NAMES);
    expect([...searchParams.keys()].sort()).toEqual([
      'X-Amz-Algorithm',
      'X-Amz-Content-Sha256',
      'X-Amz-Credential',
      'X-Amz-Date',
      'X-Amz-Expires',
      'X-Amz-Signature',
      'X-Amz-SignedHeaders',
      'x-id',
    ]);
    expect(searchParams.get('X-Amz-Expires')).toBe('120');
  });

  test.each([
    'contract.pdf',
    'Jahresübersicht – Ärzte & Söhne.pdf',
    '年次報告 100%.pdf',
    '🎉 "fête"; a=b.pdf',
    `${'語'.repeat(80)}.pdf`,
  ])('brings the file with its name, type, checksum, and encryption: %j', async (fileName) => {
    const upload = whole('hello', { fileName });
    const put = await requests().presignPut(upload, 120);
    for (const value of Object.values(put.headers)) expect(value).toMatch(/^[\x20-\x7e]+$/);
    expect((await send(put, 'hello')).status).toBe(200);
    const Key = keyOfUpload(upload.uploadId);
    const head = await s3.client.send(
      new HeadObjectCommand({ Bucket: BUCKET, Key, ChecksumMode: 'ENABLED' }),
    );
    expect(head).toMatchObject({
      ContentLength: 5,
      ContentType: 'application/pdf',
      ChecksumSHA256: upload.checksum.base64,
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: KMS_KEY_ARN,
    });
    expect(decodeURIComponent(head.Metadata?.['file-name'] ?? '')).toBe(fileName);
    expect(parseDisposition(head.ContentDisposition ?? '').type).toBe('attachment');
  });

  test('works once', async () => {
    const put = await requests().presignPut(whole('hello'), 120);
    expect((await send(put, 'hello')).status).toBe(200);
    expect(verdict(await send(put, 'hello'))).toEqual([412, 'PreconditionFailed']);
  });

  test('refuses other bytes of the same length', async () => {
    const put = await requests().presignPut(whole('hello'), 120);
    expect((await send(put, 'jello')).status).toBe(400);
  });

  test.each([
    ['content-length', '6'],
    ['content-type', 'text/html'],
    ['content-disposition', 'inline'],
    ['if-none-match', 'x'],
    ['x-amz-checksum-sha256', createHash('sha256').update('jello').digest('base64')],
    ['x-amz-meta-file-name', 'other.pdf'],
    ['x-amz-server-side-encryption', 'AES256'],
    ['x-amz-server-side-encryption-aws-kms-key-id', `${KMS_KEY_ARN}2`],
  ])('refuses another %s', async (name, value) => {
    const put = await requests().presignPut(whole('hello'), 120);
    const body = name === 'content-length' ? 'hello!' : 'hello';
    expect(verdict(await send(put, body, { [name]: value }))).toEqual([403, 'SignatureDoesNotMatch']);
  });

  test('refuses tags that the sender adds', async () => {
    const put = await requests().presignPut(whole('hello'), 120);
    const tagging = { 'x-amz-tagging': 'GuardDutyMalwareScanStatus=NO_THREATS_FOUND' };
    expect((await send(put, 'hello', tagging)).status).toBe(403);
  });
});

describe('an upload in parts', () => {
  const BODY = Buffer.alloc(17 * MIB, 'abcdefg');
  const FIRST = BODY.subarray(0, 16 * MIB);
  const LAST = BODY.subarray(16 * MIB);

  test('signs the length of each part, and tells the sender nothing else', async () => {
    const upload = await inParts(BODY);
    const { url, headers } = await requests().presignPart(upload, { partNumber: 2, size: 7 }, 120);
    expect(headers).toEqual({ 'content-length': '7' });
    const { searchParams } = new URL(url);
    expect(searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;host');
    expect(searchParams.get('partNumber')).toBe('2');
    expect(searchParams.get('uploadId')).toBe(upload.multipartId);
    const longer = await send({ method: 'PUT', url, headers: { 'content-length': '8' } }, '12345678');
    expect(verdict(longer)).toEqual([403, 'SignatureDoesNotMatch']);
  });

  test('becomes an object with its name, type, and checksum, and the parts are gone', async () => {
    const upload = await inParts(BODY, { fileName: 'Ärzte.pdf' });
    expect((await sendPart(upload, 1, FIRST)).status).toBe(200);
    expect((await sendPart(upload, 2, LAST)).status).toBe(200);
    const parts = await listed(upload);
    expect(parts.map(({ partNumber, size }) => [partNumber, size])).toEqual([
      [1, 16 * MIB],
      [2, MIB],
    ]);
    expect(await checks().inspect(upload)).toBeUndefined();
    expect(await checks().complete(upload, parts)).toEqual({ ok: true, value: undefined });
    expect(await checks().inspect(upload)).toMatchObject({
      size: 17 * MIB,
      base64: upload.checksum.base64,
      version: { versionId: expect.stringMatching(/.+/), eTag: expect.stringMatching(/.+/) },
    });
    expect(await checks().parts(upload)).toEqual({ ok: false, error: 'gone' });
    expect(await checks().complete(upload, parts)).toEqual({ ok: false, error: 'gone' });
    const Key = keyOfUpload(upload.uploadId);
    const head = await s3.client.send(new HeadObjectCommand({ Bucket: BUCKET, Key }));
    expect(head).toMatchObject({ ContentType: 'application/pdf', SSEKMSKeyId: KMS_KEY_ARN });
    expect(decodeURIComponent(head.Metadata?.['file-name'] ?? '')).toBe('Ärzte.pdf');
  });

  test('lists its parts from a position on', async () => {
    const upload = await inParts(Buffer.from('one'));
    for (const number of [1, 2, 3]) await sendPart(upload, number, Buffer.from('one'));
    const rest = await requests().parts(upload, 1);
    expect(rest.ok && rest.value.parts.map(({ partNumber }) => partNumber)).toEqual([2, 3]);
  });

  test('says where the next page of parts begins', async () => {
    const upload = await inParts(Buffer.from('one'));
    const body = `<ListPartsResult><IsTruncated>true</IsTruncated><Part><PartNumber>7</PartNumber><Size>3</Size>
      <ETag>"e"</ETag></Part></ListPartsResult>`;
    const paged = await behind(() => ({ fate: 'answer', status: 200, body }));
    expect(await requests(paged).parts(upload)).toEqual({
      ok: true,
      value: { parts: [{ partNumber: 7, size: 3, eTag: '"e"' }], next: 7 },
    });
  });

  test('does not match if its bytes are others than declared', async () => {
    const upload = await inParts(Buffer.from('one'));
    await sendPart(upload, 1, Buffer.from('two'));
    expect(await checks().complete(upload, await listed(upload))).toEqual({ ok: false, error: 'mismatch' });
    expect(await checks().inspect(upload)).toBeUndefined();
  });

  test('does not match if its size is another than declared', async () => {
    const upload = await inParts(Buffer.from('one'));
    await sendPart(upload, 1, Buffer.from('one'));
    const shorter = { ...upload, size: 2 };
    expect(await checks().complete(shorter, await listed(upload))).toEqual({ ok: false, error: 'mismatch' });
  });

  test('is not complete if a part is sent again meanwhile', async () => {
    const upload = await inParts(Buffer.from('one'));
    await sendPart(upload, 1, Buffer.from('two'));
    const before = await listed(upload);
    await sendPart(upload, 1, Buffer.from('one'));
    expect(await checks().complete(upload, before)).toEqual({ ok: false, error: 'gone' });
    expect((await checks().complete(upload, await listed(upload))).ok).toBe(true);
  });

  test('never replaces an object', async () => {
    const upload = await inParts(Buffer.from('one'));
    await sendPart(upload, 1, Buffer.from('one'));
    const versionId = await stored(whole('other', { uploadId: upload.uploadId }), 'other');
    expect(await checks().complete(upload, await listed(upload))).toEqual({ ok: false, error: 'gone' });
    expect((await checks().inspect(upload))?.version.versionId).toBe(versionId);
  });

  test.each([
    ['S3 gives no answer', () => ({ fate: 'hang' }) as const],
    [
      'the answer stops after its head',
      (_target: string, { method }: { method?: string | undefined }) =>
        method === 'POST' ? ({ fate: 'cut-answer', afterBytes: 0 } as const) : ({ fate: 'pass' } as const),
    ],
    [
      'another call completes it',
      () =>
        ({
          fate: 'answer',
          status: 409,
          body: '<Error><Code>ConditionalRequestConflict</Code></Error>',
        }) as const,
    ],
  ])('is Unavailable while %s', async (_what, decide) => {
    const upload = await inParts(Buffer.from('one'));
    await sendPart(upload, 1, Buffer.from('one'));
    const slow = new S3UploadChecks(await behind(decide), { bucket: BUCKET, completionMs: 300 });
    await expect(slow.complete(upload, await listed(upload))).rejects.toBeInstanceOf(Unavailable);
  });

  test('is Unavailable if S3 answers with a head and then takes too long', async () => {
    const upload = await inParts(Buffer.from('one'));
    const working = await startLoopbackServer({ port: 0 }, async (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/xml' });
      response.write(' ');
    });
    later(working.close);
    const slow = new S3UploadChecks(client(working.url), { bucket: BUCKET, completionMs: 300 });
    await expect(slow.complete(upload, [])).rejects.toBeInstanceOf(Unavailable);
  });

  test('is found as an object by the next call if only the answer was lost', async () => {
    const upload = await inParts(Buffer.from('one'));
    await sendPart(upload, 1, Buffer.from('one'));
    const parts = await listed(upload);
    const losing = await behind(() => ({ fate: 'lose-answer' }));
    const slow = new S3UploadChecks(losing, { bucket: BUCKET, completionMs: 300 });
    await slow.complete(upload, parts).catch(() => undefined);
    expect(await checks().parts(upload)).toEqual({ ok: false, error: 'gone' });
    expect(await checks().inspect(upload)).toMatchObject({ base64: upload.checksum.base64 });
  });

  test('leaves nothing once it is aborted, which may be repeated', async () => {
    const upload = await inParts(Buffer.from('one'));
    await sendPart(upload, 1, Buffer.from('one'));
    await versions().abort(upload);
    await versions().abort(upload);
    await versions().abort(whole('never began'));
    const { Uploads = [] } = await s3.client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }));
    expect(Uploads).toEqual([]);
  });
});

describe('the inspection of an upload', () => {
  test('finds nothing before the object is there, and after it was deleted', async () => {
    const upload = whole('hello');
    expect(await checks().inspect(upload)).toBeUndefined();
    await stored(upload, 'hello');
    expect(await checks().inspect(upload)).toMatchObject({ size: 5, base64: upload.checksum.base64 });
    const Key = keyOfUpload(upload.uploadId);
    await s3.client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
    expect(await checks().inspect(upload)).toBeUndefined();
  });

  test('knows no checksum if the object has none of the declared kind', async () => {
    const upload = whole('hello');
    await stored(upload, 'hello');
    const other = { ...upload, checksum: { kind: 'crc64nvme', base64: 'x' } } as const;
    expect(await checks().inspect(other)).not.toHaveProperty('base64');
  });

  test('tells an encoding that the sender added, because no signature can forbid it', async () => {
    const upload = whole('hello');
    const put = await requests().presignPut(upload, 120);
    expect((await send(put, 'hello', { 'content-encoding': 'deflate' })).status).toBe(200);
    expect((await checks().inspect(upload))?.encoding).toBe('deflate');
    const other = whole('hello');
    await stored(other, 'hello');
    expect(await checks().inspect(other)).not.toHaveProperty('encoding');
  });

  test('reads the first 64 KiB of exactly the version that it found', async () => {
    const body = Buffer.alloc(70_000, 'x');
    const upload = whole(body);
    await stored(upload, body);
    const found = await checks().inspect(upload);
    if (found === undefined) throw new Error('missing');
    await s3.put({ Key: keyOfUpload(upload.uploadId), Body: 'replaced' });
    expect(Buffer.from(await checks().firstBytes(upload, found.version))).toEqual(body.subarray(0, 65_536));
  });

  test('reads the whole of a short file', async () => {
    const upload = whole('a');
    await stored(upload, 'a');
    const found = await checks().inspect(upload);
    if (found === undefined) throw new Error('missing');
    expect(Buffer.from(await checks().firstBytes(upload, found.version)).toString()).toBe('a');
  });

  test.each([
    ['is down', () => ({ fate: 'lose-request' }) as const],
    ['sends half an answer', () => ({ fate: 'cut-answer', afterBytes: 2 }) as const],
  ])('is Unavailable if S3 %s', async (_what, decide) => {
    const upload = whole('hello');
    const versionId = await stored(upload, 'hello');
    const eTag = (await checks().inspect(upload))?.version.eTag ?? '';
    const faulty = checks(await behind(decide));
    await expect(faulty.firstBytes(upload, { versionId, eTag })).rejects.toBeInstanceOf(Unavailable);
  });
});

describe('the versions of an upload', () => {
  const TAG = 'GuardDutyMalwareScanStatus';

  test.each(['NO_THREATS_FOUND', 'THREATS_FOUND', 'UNSUPPORTED', 'ACCESS_DENIED', 'FAILED'])(
    'have the tag %s once the scanner wrote it',
    async (value) => {
      const upload = whole('hello');
      const versionId = await stored(upload, 'hello');
      expect(await versions().tagOf(upload.uploadId, versionId)).toBeUndefined();
      await tagged(upload, versionId, { other: 'x', [TAG]: value });
      expect(await versions().tagOf(upload.uploadId, versionId)).toBe(value);
    },
  );

  test('have no tag if the value is unknown, or the version is gone', async () => {
    const upload = whole('hello');
    const versionId = await stored(upload, 'hello');
    await tagged(upload, versionId, { [TAG]: 'CLEAN' });
    expect(await versions().tagOf(upload.uploadId, versionId)).toBeUndefined();
    await versions().remove(upload.uploadId, versionId);
    expect(await versions().tagOf(upload.uploadId, versionId)).toBeUndefined();
    expect(await versions().tagOf(whole('x').uploadId, versionId)).toBeUndefined();
  });

  test('are tagged one by one', async () => {
    const upload = whole('hello');
    const first = await stored(upload, 'hello');
    const { VersionId: second = '' } = await s3.put({ Key: keyOfUpload(upload.uploadId) });
    await tagged(upload, second, { [TAG]: 'NO_THREATS_FOUND' });
    expect(await versions().tagOf(upload.uploadId, first)).toBeUndefined();
    expect(await versions().tagOf(upload.uploadId, second)).toBe('NO_THREATS_FOUND');
  });

  test.each([
    ['nothing', {}, { ReleasedByOperator: 'true' }],
    ['a failed scan', { [TAG]: 'FAILED' }, { [TAG]: 'FAILED', ReleasedByOperator: 'true' }],
    ['a clean scan', { [TAG]: 'NO_THREATS_FOUND' }, { [TAG]: 'NO_THREATS_FOUND' }],
  ])('keep the tag of the scanner when an operator releases them: %s', async (_what, before, after) => {
    const upload = whole('hello');
    const versionId = await stored(upload, 'hello');
    await tagged(upload, versionId, before);
    await versions().markReleased(upload.uploadId, versionId);
    await versions().markReleased(upload.uploadId, versionId);
    const target = `/${BUCKET}/${keyOfUpload(upload.uploadId)}?tagging=&versionId=${versionId}`;
    const { text } = await s3.sendSigned({ method: 'GET', target });
    const tags = [...text.matchAll(/<Key>(.*?)<\/Key><Value>(.*?)<\/Value>/g)].map(([, key, value]) => [
      key,
      value,
    ]);
    expect(Object.fromEntries(tags)).toEqual(after);
  });

  test('are deleted one by one, or all but the published one, or all, and those of no other key', async () => {
    const upload = whole('hello');
    const other = whole('hello');
    await stored(other, 'hello');
    const Key = keyOfUpload(upload.uploadId);
    await s3.put({ Key: `${Key}0` });
    const left = async () => {
      const { Versions = [], DeleteMarkers = [] } = await s3.client.send(
        new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix: 'uploads/' }),
      );
      return [...Versions, ...DeleteMarkers].map((version) => version.Key);
    };
    const first = await stored(upload, 'hello');
    await s3.put({ Key });
    await s3.client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
    await s3.put({ Key });
    await versions().remove(upload.uploadId, first);
    await versions().remove(upload.uploadId, first);
    expect((await left()).filter((key) => key === Key)).toHaveLength(3);
    const published = (await checks().inspect(upload))?.version.versionId;
    await versions().removeAllBut(upload.uploadId, published);
    expect((await left()).filter((key) => key === Key)).toHaveLength(1);
    expect((await checks().inspect(upload))?.version.versionId).toBe(published);
    await versions().removeAllBut(upload.uploadId, undefined);
    await versions().removeAllBut(upload.uploadId, undefined);
    expect((await left()).sort()).toEqual([`${Key}0`, keyOfUpload(other.uploadId)].sort());
  });

  test.each(['tagOf', 'markReleased', 'remove'] as const)(
    'are Unavailable to %s if S3 is down',
    async (call) => {
      const down = versions(await behind(() => ({ fate: 'lose-request' })));
      await expect(down[call](whole('x').uploadId, 'v')).rejects.toBeInstanceOf(Unavailable);
    },
  );
});

describe('an endpoint through which senders reach the bucket', () => {
  const ENDPOINT = 'bucket.vpce-0abc-1def.s3.eu-west-1.vpce.amazonaws.com';
  const options = { bucket: BUCKET, keyArn: KMS_KEY_ARN };
  const outside = () => new S3UploadRequests(client(), options, client(`https://${ENDPOINT}`));

  test('is what requests are signed for, while the function itself calls S3', async () => {
    const upload = whole('hello');
    const multipartId = await outside().beginMultipart(upload);
    const part = { partNumber: 1, size: 5 };
    const signed = await Promise.all([
      outside().presignPut(upload, 120),
      outside().presignPart({ ...upload, multipartId }, part, 120),
    ]);
    for (const { url } of signed) expect(new URL(url).host).toBe(`${BUCKET}.${ENDPOINT}`);
  });
});

describe('the signed download of an object', () => {
  test('gets the pinned version as an attachment with its name and type, never cached', async () => {
    const upload = whole('hello', { fileName: 'Jahresübersicht "2031".pdf' });
    const versionId = await stored(upload, 'hello');
    await s3.put({ Key: keyOfUpload(upload.uploadId), Body: 'replaced', ContentType: 'text/html' });
    const downloads = new S3UploadDownloads(client(), BUCKET);
    const url = await downloads.presignGet(upload, { versionId, eTag: 'e' }, 60);
    const answer = await fetch(url);
    expect(await answer.text()).toBe('hello');
    expect(answer.headers.get('content-type')).toBe('application/pdf');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const { type, parameters } = parseDisposition(answer.headers.get('content-disposition') ?? '');
    expect([type, parameters.filename]).toEqual(['attachment', 'Jahresübersicht "2031".pdf']);
    expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('60');
  });

  test('carries the origin of a proxy that sends requests on to the bucket', async () => {
    const upload = whole('hello');
    const versionId = await stored(upload, 'hello');
    const origin = 'https://downloads.example.org';
    const downloads = new S3UploadDownloads(client(), BUCKET, { origin });
    const url = await downloads.presignGet(upload, { versionId, eTag: 'e' }, 60);
    expect(url.startsWith(`${origin}/${BUCKET}/uploads/`)).toBe(true);
    expect(await (await fetch(url.replace(origin, s3.service.url))).text()).toBe('hello');
  });
});
