import { createHash } from 'node:crypto';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { parse as parseDisposition } from 'content-disposition';
import { S3UploadDownloads } from '../../lambda/adapters/s3-upload-downloads.ts';
import { S3UploadRequests } from '../../lambda/adapters/s3-upload-requests.ts';
import { keyOfUpload } from '../../lambda/domain/uploads/upload.ts';
import { KMS_KEY_ARN, verdict } from '../../laptop/test/support/local-s3.ts';
import { BUCKET, uploadBucket, whole } from './upload-bucket.ts';

const { client, requests, s3, send, stored } = uploadBucket();

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

  test('signs every header that the sender sets, and moves none into the query string', async () => {
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
  ])('stores the file with its name, type, checksum, and encryption (%j)', async (fileName) => {
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

  test('works only once', async () => {
    const put = await requests().presignPut(whole('hello'), 120);
    expect((await send(put, 'hello')).status).toBe(200);
    expect(verdict(await send(put, 'hello'))).toEqual([412, 'PreconditionFailed']);
  });

  test('refuses different bytes of the same length', async () => {
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
  ])('refuses a different %s', async (name, value) => {
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

describe('the endpoint through which senders reach the bucket', () => {
  const ENDPOINT = 'bucket.vpce-0abc-1def.s3.eu-west-1.vpce.amazonaws.com';
  const options = { bucket: BUCKET, keyArn: KMS_KEY_ARN };
  const outside = () => new S3UploadRequests(client(), options, client(`https://${ENDPOINT}`));

  test('is the host of signed requests, but the function itself calls S3 through another endpoint', async () => {
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
  test('gets the pinned version as an attachment with its name and type, and forbids caching', async () => {
    const upload = whole('hello', { fileName: 'Jahresübersicht "2031".pdf' });
    const versionId = await stored(upload, 'hello');
    await s3.put({ Key: keyOfUpload(upload.uploadId), Body: 'replaced', ContentType: 'text/html' });
    const downloads = new S3UploadDownloads(client(), BUCKET);
    const url = await downloads.presignGet(upload, { versionId, eTag: 'e' }, 60);
    const response = await fetch(url);
    expect(await response.text()).toBe('hello');
    expect(response.headers.get('content-type')).toBe('application/pdf');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const { type, parameters } = parseDisposition(response.headers.get('content-disposition') ?? '');
    expect([type, parameters.filename]).toEqual(['attachment', 'Jahresübersicht "2031".pdf']);
    expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('60');
  });

  test('has the origin of a proxy that forwards requests to the bucket', async () => {
    const upload = whole('hello');
    const versionId = await stored(upload, 'hello');
    const origin = 'https://downloads.example.org';
    const downloads = new S3UploadDownloads(client(), BUCKET, { origin });
    const url = await downloads.presignGet(upload, { versionId, eTag: 'e' }, 60);
    expect(url.startsWith(`${origin}/${BUCKET}/uploads/`)).toBe(true);
    expect(await (await fetch(url.replace(origin, s3.service.url))).text()).toBe('hello');
  });
});
