import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { localS3, S3_CREDENTIALS, verdict } from '../support/local-s3.ts';

const KEY = 'gated/report (1) é+ü.pdf';
const CONTENT = 'the bytes of the report';

const s3 = localS3();

beforeEach(async () => {
  await s3.client.send(new PutObjectCommand({ Bucket: 'files', Key: KEY, Body: CONTENT }));
});

const presigned = (expiresIn = 30) =>
  getSignedUrl(s3.client, new GetObjectCommand({ Bucket: 'files', Key: KEY }), { expiresIn });

async function refusal(
  url: string,
  init: RequestInit = {},
): Promise<{ status: number; code: string | undefined }> {
  const response = await fetch(url, init);
  const code = /<Code>(\w+)<\/Code>/.exec(await response.text())?.[1];
  return { status: response.status, code };
}

describe('signatures in S3', () => {
  test('a presigned URL works only during its lifetime', async () => {
    const url = await presigned();
    expect(await (await fetch(url)).text()).toBe(CONTENT);
    s3.aheadSeconds = 31;
    expect(await refusal(url)).toEqual({ status: 403, code: 'AccessDenied' });
  });

  test('a presigned URL with a changed signature, key, or parameter is rejected', async () => {
    const url = await getSignedUrl(
      s3.client,
      new GetObjectCommand({ Bucket: 'files', Key: KEY, ResponseContentType: 'text/plain' }),
    );
    expect((await fetch(url)).headers.get('content-type')).toBe('text/plain');
    const tampered = [
      url.replace(/Signature=(.)/, (_, digit) => `Signature=${digit === '0' ? '1' : '0'}`),
      url.replace('report', 'rePort'),
      url.replace('text%2Fplain', 'text%2Fhtml'),
      `${url}&response-content-disposition=inline`,
      url.replace('X-Amz-Expires=900', 'X-Amz-Expires=901'),
    ];
    for (const one of tampered)
      expect(await refusal(one)).toEqual({ status: 403, code: 'SignatureDoesNotMatch' });
  });

  test('a presigned URL with a lifetime of more than seven days is rejected', async () => {
    const url = (await presigned()).replace('X-Amz-Expires=30', 'X-Amz-Expires=604801');
    expect(await refusal(url)).toEqual({ status: 400, code: 'AuthorizationQueryParametersError' });
  });

  test('an unsigned GET is rejected whether or not the object exists', async () => {
    expect(await refusal(`${s3.service.url}/files/gated/nothing`)).toEqual({
      status: 403,
      code: 'AccessDenied',
    });
    expect(await refusal(`${s3.service.url}/files/${encodeURIComponent(KEY)}`)).toEqual({
      status: 403,
      code: 'AccessDenied',
    });
  });

  test('a URL that is presigned for GET does not work for HEAD, and vice versa', async () => {
    expect((await fetch(await presigned(), { method: 'HEAD' })).status).toBe(403);
    const head = await getSignedUrl(s3.client, new HeadObjectCommand({ Bucket: 'files', Key: KEY }));
    expect((await fetch(head, { method: 'HEAD' })).status).toBe(200);
    expect(await refusal(head)).toEqual({ status: 403, code: 'SignatureDoesNotMatch' });
  });

  test('the error for a header that was not signed names the header', async () => {
    const response = await fetch(await presigned(), { headers: { 'x-amz-checksum-mode': 'ENABLED' } });
    expect(response.status).toBe(403);
    const text = await response.text();
    expect(text).toContain('<Code>AccessDenied</Code>');
    expect(text).toContain('<HeadersNotSigned>x-amz-checksum-mode</HeadersNotSigned>');
  });

  test("unknown access keys and wrong secrets are rejected with S3's error codes", async () => {
    const list = new ListObjectsV2Command({ Bucket: 'files' });
    const stranger = s3.clientWith({ ...S3_CREDENTIALS, accessKeyId: 'AKIDNOBODY' });
    const guesser = s3.clientWith({ ...S3_CREDENTIALS, secretAccessKey: 'guess' });
    await expect(stranger.send(list)).rejects.toMatchObject({ name: 'InvalidAccessKeyId' });
    await expect(guesser.send(list)).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
    stranger.destroy();
    guesser.destroy();
  });

  test('a request with a clock skew of more than fifteen minutes is rejected', async () => {
    s3.aheadSeconds = 901;
    const list = new ListObjectsV2Command({ Bucket: 'files' });
    await expect(s3.client.send(list)).rejects.toMatchObject({ name: 'RequestTimeTooSkewed' });
  });

  test('a body that differs from the signed body is rejected', async () => {
    const response = await s3.sendSigned({ method: 'DELETE', target: '/files/a', body: 'surprise' });
    expect(verdict(response)).toEqual([400, 'XAmzContentSHA256Mismatch']);
  });

  test('a malformed path is rejected with InvalidURI', async () => {
    const response = await s3.send({ method: 'GET', target: '/files/%zz' });
    expect(verdict(response)).toEqual([400, 'InvalidURI']);
  });

  test('an error document does not contain the signed query', async () => {
    s3.aheadSeconds = 31;
    const text = await (await fetch(await presigned())).text();
    expect(text).not.toContain('Signature');
  });
});

describe('unsupported features and unknown buckets', () => {
  test.each([
    ['POST', '/files/a?restore='],
    ['GET', '/files?acl='],
    ['PUT', '/files?policy='],
    ['GET', '/files'],
    ['POST', '/files'],
    ['DELETE', '/files'],
    ['DELETE', '/files/a?partNumber=1'],
    ['GET', '/files/a?partNumber=1'],
    ['PUT', '/files/a?uploadId=x'],
  ])('%s %s gets 501, and no other operation is performed instead', async (method, target) => {
    const response = await s3.sendSigned({ method, target });
    expect(verdict(response)).toEqual([501, 'NotImplemented']);
  });

  test.each([
    ['x-amz-server-side-encryption-customer-key', 'x'],
    ['x-amz-object-lock-mode', 'x'],
    ['x-amz-grant-read', 'x'],
    ['x-amz-trailer', 'x-amz-checksum-crc32'],
    ['x-amz-content-sha256', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'],
  ])('an upload with the header %s: %s gets 501', async (name, value) => {
    const response = await s3.sendSigned({ method: 'PUT', target: '/plain/a', headers: { [name]: value } });
    expect(verdict(response)).toEqual([501, 'NotImplemented']);
  });

  test('a request for an unknown bucket gets NoSuchBucket', async () => {
    for (const target of ['/nowhere/a', '/nowhere?list-type=2']) {
      const response = await s3.sendSigned({ method: 'GET', target });
      expect(verdict(response)).toEqual([404, 'NoSuchBucket']);
    }
  });
});
