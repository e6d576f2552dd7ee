import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, test } from '@jest/globals';
import { localS3, verdict } from '../support/local-s3.ts';

const s3 = localS3();

describe('GetObject', () => {
  test.each([
    ['bytes=0-0', '0', 'bytes 0-0/10'],
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-30', '0123456789', 'bytes 0-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
  ])('GET and HEAD support the range %s', async (range, expected, contentRange) => {
    await s3.put({ Key: 'a', Body: '0123456789' });
    const response = await s3.sendSigned({ method: 'GET', target: '/files/a', headers: { range } });
    expect(response).toMatchObject({ status: 206, text: expected });
    expect(response.headers).toMatchObject({
      'content-range': contentRange,
      'content-length': String(expected.length),
    });
    const head = await s3.sendSigned({ method: 'HEAD', target: '/files/a', headers: { range } });
    expect(head).toMatchObject({ status: 206, text: '' });
    expect(head.headers).toMatchObject({
      'content-range': contentRange,
      'content-length': String(expected.length),
    });
  });

  test.each(['bytes=10-', 'bytes=99-100', 'bytes=-0'])(
    'the range %s of a ten-byte object is rejected',
    async (range) => {
      await s3.put({ Key: 'a', Body: '0123456789' });
      const response = await s3.sendSigned({ method: 'GET', target: '/files/a', headers: { range } });
      expect(verdict(response)).toEqual([416, 'InvalidRange']);
      expect(response.headers['content-range']).toBe('bytes */10');
    },
  );

  test.each(['bytes=0-1,3-4', 'bytes=4-2', 'bytes=-', 'lines=0-1', 'bytes=a-b'])(
    'GET ignores the range %s, as S3 does',
    async (range) => {
      await s3.put({ Key: 'a', Body: '0123456789' });
      const response = await s3.sendSigned({ method: 'GET', target: '/files/a', headers: { range } });
      expect(response).toMatchObject({ status: 200, text: '0123456789' });
    },
  );

  test('GET supports If-Range, and preconditions on the ETag and the modification time', async () => {
    await s3.put({ Key: 'a' });
    const { headers } = await s3.sendSigned({ method: 'HEAD', target: '/files/a' });
    const etag = headers.etag ?? '';
    const past = new Date(Date.now() - 3_600_000).toUTCString();
    const future = new Date(Date.now() + 3_600_000).toUTCString();
    const statusWith = async (conditions: Record<string, string>) =>
      (await s3.sendSigned({ method: 'GET', target: '/files/a', headers: conditions })).status;
    expect(await statusWith({ 'if-match': etag })).toBe(200);
    expect(await statusWith({ 'if-match': '"other"' })).toBe(412);
    expect(await statusWith({ 'if-none-match': `"other", W/${etag}` })).toBe(304);
    expect(await statusWith({ 'if-none-match': '"other"' })).toBe(200);
    expect(await statusWith({ 'if-modified-since': headers['last-modified'] ?? '' })).toBe(304);
    expect(await statusWith({ 'if-modified-since': past })).toBe(200);
    expect(await statusWith({ 'if-unmodified-since': past })).toBe(412);
    expect(await statusWith({ 'if-unmodified-since': future })).toBe(200);
    expect(await statusWith({ 'if-match': etag, 'if-unmodified-since': past })).toBe(200);
    expect(await statusWith({ 'if-none-match': '"other"', 'if-modified-since': future })).toBe(200);
    expect(await statusWith({ range: 'bytes=0-1', 'if-range': etag })).toBe(206);
    expect(await statusWith({ range: 'bytes=0-1', 'if-range': '"other"' })).toBe(200);
  });

  test('a presigned URL can override headers of the response, including the file name', async () => {
    await s3.put({ Key: 'a', ContentType: 'text/html', CacheControl: 'public' });
    const disposition = `attachment; filename="?.pdf"; filename*=UTF-8''%E6%97%A5.pdf`;
    const url = await getSignedUrl(
      s3.client,
      new GetObjectCommand({
        Bucket: 'files',
        Key: 'a',
        ResponseContentDisposition: disposition,
        ResponseContentType: 'application/octet-stream',
        ResponseCacheControl: 'no-store',
      }),
    );
    const { headers } = await fetch(url);
    expect(headers.get('content-disposition')).toBe(disposition);
    expect(headers.get('content-type')).toBe('application/octet-stream');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test.each(['a\r\nset-cookie: b', '日本'])(
    'an overriding header with the value %j is rejected',
    async (value) => {
      await s3.put({ Key: 'a' });
      const target = `/files/a?response-content-type=${encodeURIComponent(value)}`;
      const response = await s3.sendSigned({ method: 'GET', target });
      expect(verdict(response)).toEqual([400, 'InvalidArgument']);
    },
  );

  test('GET rejects an archived object, and HEAD returns its storage class', async () => {
    await s3.put({ Key: 'a', StorageClass: 'DEEP_ARCHIVE' });
    await expect(s3.read('a')).rejects.toMatchObject({ name: 'InvalidObjectState' });
    const head = await s3.client.send(new HeadObjectCommand({ Bucket: 'files', Key: 'a' }));
    expect(head.StorageClass).toBe('DEEP_ARCHIVE');
  });

  test('a download completes even if the version is deleted in the meantime', async () => {
    const bytes = randomBytes(8_000_000);
    const { VersionId } = await s3.put({ Key: 'a', Body: bytes });
    const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: 'files', Key: 'a' }));
    await s3.client.send(new DeleteObjectCommand({ Bucket: 'files', Key: 'a', VersionId }));
    expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(bytes)).toBe(true);
  });

  test('a download whose connection breaks does not affect later downloads', async () => {
    const bytes = randomBytes(8_000_000);
    await s3.put({ Key: 'a', Body: bytes });
    const { target, headers } = await s3.signed({ method: 'GET', target: '/files/a' });
    const { hostname, port } = new URL(s3.service.url);
    const request = httpRequest({ hostname, port, path: target, headers: { ...headers } }).end();
    const [response] = await once(request, 'response');
    await once(response, 'data');
    request.destroy();
    expect(await s3.read('a', { Range: 'bytes=0-9' })).toHaveLength(
      bytes.subarray(0, 10).toString('utf8').length,
    );
  });
});
