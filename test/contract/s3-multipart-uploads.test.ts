import { HeadObjectCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { S3UploadChecks } from '../../lambda/adapters/s3-upload-checks.ts';
import { Unavailable } from '../../lambda/domain/errors.ts';
import type { StoredPart } from '../../lambda/domain/uploads/ports.ts';
import { keyOfUpload, type Upload } from '../../lambda/domain/uploads/upload.ts';
import { startLoopbackServer } from '../../laptop/src/loopback-server.ts';
import { KMS_KEY_ARN, verdict } from '../../laptop/test/support/local-s3.ts';
import { BUCKET, uploadBucket, whole } from './upload-bucket.ts';

const { behind, checks, client, inParts, later, requests, s3, send, stored, versions } = uploadBucket();

const MIB = 1024 ** 2;

async function sendPart(upload: Upload, partNumber: number, body: Buffer) {
  const part = { partNumber, size: body.length };
  return await send(await requests().presignPart(upload, part, 120), body);
}

async function listed(upload: Upload): Promise<readonly StoredPart[]> {
  const page = await checks().parts(upload);
  if (!page.ok) throw new Error(page.error);
  return page.value.parts;
}

describe('an upload in parts', () => {
  const BODY = Buffer.alloc(17 * MIB, 'abcdefg');
  const FIRST = BODY.subarray(0, 16 * MIB);
  const LAST = BODY.subarray(16 * MIB);

  test('has a signed Content-Length for each part, and requires no other header from the sender', async () => {
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

  test('becomes an object with its name, type, and checksum, and leaves no parts behind', async () => {
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

  test('lists its parts after a given part number', async () => {
    const upload = await inParts(Buffer.from('one'));
    for (const number of [1, 2, 3]) await sendPart(upload, number, Buffer.from('one'));
    const rest = await requests().parts(upload, 1);
    expect(rest.ok && rest.value.parts.map(({ partNumber }) => partNumber)).toEqual([2, 3]);
  });

  test('lists its parts a page at a time, with the start of the next page', async () => {
    const upload = await inParts(Buffer.from('one'));
    const body = `<ListPartsResult><IsTruncated>true</IsTruncated><Part><PartNumber>7</PartNumber><Size>3</Size>
      <ETag>"e"</ETag></Part></ListPartsResult>`;
    const paged = await behind(() => ({ fate: 'answer', status: 200, body }));
    expect(await requests(paged).parts(upload)).toEqual({
      ok: true,
      value: { parts: [{ partNumber: 7, size: 3, eTag: '"e"' }], next: 7 },
    });
  });

  test('is reported as a mismatch if its checksum differs from the declared one', async () => {
    const upload = await inParts(Buffer.from('one'));
    await sendPart(upload, 1, Buffer.from('two'));
    expect(await checks().complete(upload, await listed(upload))).toEqual({ ok: false, error: 'mismatch' });
    expect(await checks().inspect(upload)).toBeUndefined();
  });

  test('is reported as a mismatch if its size differs from the declared one', async () => {
    const upload = await inParts(Buffer.from('one'));
    await sendPart(upload, 1, Buffer.from('one'));
    const shorter = { ...upload, size: 2 };
    expect(await checks().complete(shorter, await listed(upload))).toEqual({ ok: false, error: 'mismatch' });
  });

  test('cannot be completed with an outdated list of parts', async () => {
    const upload = await inParts(Buffer.from('one'));
    await sendPart(upload, 1, Buffer.from('two'));
    const before = await listed(upload);
    await sendPart(upload, 1, Buffer.from('one'));
    expect(await checks().complete(upload, before)).toEqual({ ok: false, error: 'gone' });
    expect((await checks().complete(upload, await listed(upload))).ok).toBe(true);
  });

  test('never replaces an existing object', async () => {
    const upload = await inParts(Buffer.from('one'));
    await sendPart(upload, 1, Buffer.from('one'));
    const versionId = await stored(whole('other', { uploadId: upload.uploadId }), 'other');
    expect(await checks().complete(upload, await listed(upload))).toEqual({ ok: false, error: 'gone' });
    expect((await checks().inspect(upload))?.version.versionId).toBe(versionId);
  });

  test.each([
    ['S3 gives no response', () => ({ fate: 'hang' }) as const],
    [
      'the response ends after its headers',
      (_target: string, { method }: { method?: string | undefined }) =>
        method === 'POST' ? ({ fate: 'cut-response', afterBytes: 0 } as const) : ({ fate: 'pass' } as const),
    ],
    [
      'another call is completing it',
      () =>
        ({
          fate: 'answer',
          status: 409,
          body: '<Error><Code>ConditionalRequestConflict</Code></Error>',
        }) as const,
    ],
  ])('cannot be completed if %s', async (_what, decide) => {
    const upload = await inParts(Buffer.from('one'));
    await sendPart(upload, 1, Buffer.from('one'));
    const slow = new S3UploadChecks(await behind(decide), { bucket: BUCKET, completionMs: 300 });
    await expect(slow.complete(upload, await listed(upload))).rejects.toBeInstanceOf(Unavailable);
  });

  test.each([
    ['BadDigest', 'mismatch'],
    ['PreconditionFailed', 'gone'],
  ])('fails with the usual error if S3 sends %s in a response with status 200', async (code, error) => {
    const upload = await inParts(Buffer.from('one'));
    const body = `<?xml version="1.0" encoding="UTF-8"?>  <Error><Code>${code}</Code></Error>`;
    const late = new S3UploadChecks(await behind(() => ({ fate: 'answer', status: 200, body })), {
      bucket: BUCKET,
    });
    expect(await late.complete(upload, [])).toEqual({ ok: false, error });
  });

  test('cannot be completed if S3 sends response headers and then takes too long', async () => {
    const upload = await inParts(Buffer.from('one'));
    const working = await startLoopbackServer({ port: 0 }, async (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/xml' });
      response.write(' ');
    });
    later(working.close);
    const slow = new S3UploadChecks(client(working.url), { bucket: BUCKET, completionMs: 300 });
    await expect(slow.complete(upload, [])).rejects.toBeInstanceOf(Unavailable);
  });

  test('is found as an object by the next call if the response to its completion was lost', async () => {
    const upload = await inParts(Buffer.from('one'));
    await sendPart(upload, 1, Buffer.from('one'));
    const parts = await listed(upload);
    const losing = await behind(() => ({ fate: 'lose-response' }));
    const slow = new S3UploadChecks(losing, { bucket: BUCKET, completionMs: 300 });
    await slow.complete(upload, parts).catch(() => undefined);
    expect(await checks().parts(upload)).toEqual({ ok: false, error: 'gone' });
    expect(await checks().inspect(upload)).toMatchObject({ base64: upload.checksum.base64 });
  });

  test('leaves nothing behind after it is aborted, and can be aborted twice', async () => {
    const upload = await inParts(Buffer.from('one'));
    await sendPart(upload, 1, Buffer.from('one'));
    await versions().abort(upload);
    await versions().abort(upload);
    await versions().abort(whole('never began'));
    const { Uploads = [] } = await s3.client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }));
    expect(Uploads).toEqual([]);
  });
});
