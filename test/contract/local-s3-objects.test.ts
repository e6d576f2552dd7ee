import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { errorCode, KMS_KEY_ARN, LocalS3 } from '../support/local-s3.ts';

let s3: LocalS3;

beforeEach(async () => {
  s3 = new LocalS3();
  await s3.start();
});

afterEach(() => s3.remove());

const put = (input: Partial<PutObjectCommandInput> & { Key: string }) =>
  s3.client.send(new PutObjectCommand({ Bucket: 'files', Body: 'content', ...input }));

const get = async (
  Key: string,
  rest: { Bucket?: string; VersionId?: string; Range?: string } = {},
): Promise<string> => {
  const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: 'files', Key, ...rest }));
  return (await Body?.transformToString()) ?? '';
};

describe('an object in the local S3', () => {
  test('comes back as it was put: bytes, content headers, user metadata, class and encryption', async () => {
    const bytes = randomBytes(300_000);
    const sent = {
      ContentType: 'application/pdf',
      ContentDisposition: 'attachment',
      ContentLanguage: 'de',
      ContentEncoding: 'gzip',
      CacheControl: 'no-store',
      Metadata: { origin: 'test', note: 'a, b' },
      StorageClass: 'STANDARD_IA',
    } as const;
    const { VersionId, ETag } = await put({ Key: 'gated/a', Body: bytes, ...sent });
    const object = await s3.client.send(new GetObjectCommand({ Bucket: 'files', Key: 'gated/a' }));
    expect(object).toMatchObject({
      ...sent,
      VersionId,
      ETag,
      ContentLength: bytes.length,
      AcceptRanges: 'bytes',
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: KMS_KEY_ARN,
    });
    expect(Buffer.from((await object.Body?.transformToByteArray()) ?? []).equals(bytes)).toBe(true);
  });

  test('has the MD5 of its bytes for an ETag, unless a KMS key encrypts it', async () => {
    const md5 = '"9a0364b9e99bb480dd25e1f0284c8555"';
    expect((await put({ Bucket: 'plain', Key: 'a' })).ETag).toBe(md5);
    expect((await put({ Key: 'a' })).ETag).not.toBe(md5);
  });

  test('may be empty', async () => {
    await put({ Key: 'empty', Body: Buffer.alloc(0) });
    expect(await get('empty')).toBe('');
    await expect(get('empty', { Range: 'bytes=0-' })).rejects.toMatchObject({ name: 'InvalidRange' });
  });

  test.each([
    ['a path upwards', '../../../etc/passwd'],
    ['two dots', '..'],
    ['empty and dotted segments', 'a//b/./c/../d'],
    ['percent signs', 'gated/%2e%2e%2f'],
    ['Unicode and reserved characters', 'gated/é 日本 👩‍🚀 +&=?#%;.pdf'],
    ['characters that encoders leave alone', "gated/it's (1)!*.txt"],
    ['control characters', '\u0001\u007f'],
    ['1,024 bytes', 'x'.repeat(1024)],
    ['the name of a property', '__proto__'],
    ['the name of a file of the store', 'index.json'],
  ])('may have a key of %s, and nothing is written outside its folder', async (_, Key) => {
    await put({ Key });
    expect(await get(Key)).toBe('content');
    const head = await s3.client.send(new HeadObjectCommand({ Bucket: 'files', Key }));
    expect(head.ContentLength).toBe('content'.length);
    expect(readdirSync(join(s3.dataDir, '..'))).toEqual(['data']);
    expect(readdirSync(s3.dataDir).sort()).toEqual(['buckets', 'unfinished']);
    expect(readdirSync(join(s3.dataDir, 'buckets', 'files')).sort()).toEqual(['bucket.json', 'objects']);
  });

  test('cannot have a key of more than 1,024 bytes', async () => {
    await expect(put({ Key: 'é'.repeat(513) })).rejects.toMatchObject({ name: 'KeyTooLongError' });
  });

  test('is reached at BUCKET.localhost as well, with a signature for that host', async () => {
    await put({ Key: 'gated/a' });
    const { port } = new URL(s3.service.url);
    const headers = { host: `files.localhost:${port}` };
    const answer = await s3.sendSigned({ method: 'GET', target: '/gated/a', headers });
    expect(answer).toMatchObject({ status: 200, text: 'content' });
  });

  test('survives a restart with its versions, and what a crash left half done does not', async () => {
    const first = await put({ Key: 'a', Body: 'one' });
    await put({ Key: 'a', Body: 'two' });
    await s3.stop();
    const objects = join(s3.dataDir, 'buckets', 'files', 'objects');
    const [folder = ''] = readdirSync(objects);
    writeFileSync(join(objects, folder, 'orphan.data'), 'never indexed');
    writeFileSync(join(objects, folder, 'index.json.new'), '{"half":');
    writeFileSync(join(s3.dataDir, 'unfinished', 'upload'), 'half');
    await s3.start();
    expect(await get('a')).toBe('two');
    expect(await get('a', { VersionId: first.VersionId ?? '' })).toBe('one');
    expect(
      readdirSync(join(objects, folder)).filter((name) => !/^([0-9a-f]{32}\.data|index\.json)$/.test(name)),
    ).toEqual([]);
    expect(readdirSync(join(s3.dataDir, 'unfinished'))).toEqual([]);
  });

  test('leaves no file behind when it is overwritten without versions, or removed', async () => {
    const objects = join(s3.dataDir, 'buckets', 'plain', 'objects');
    await put({ Bucket: 'plain', Key: 'a', Body: 'one' });
    await put({ Bucket: 'plain', Key: 'a', Body: 'two' });
    const [folder = ''] = readdirSync(objects);
    expect(readdirSync(join(objects, folder))).toHaveLength(2);
    expect(await get('a', { Bucket: 'plain' })).toBe('two');
    await s3.client.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'a' }));
    expect(readdirSync(objects)).toEqual([]);
  });
});

describe('a GET from the local S3', () => {
  test.each([
    ['bytes=0-0', '0', 'bytes 0-0/10'],
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-30', '0123456789', 'bytes 0-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
  ])('serves the range %s', async (range, expected, contentRange) => {
    await put({ Key: 'a', Body: '0123456789' });
    const answer = await s3.sendSigned({ method: 'GET', target: '/files/a', headers: { range } });
    expect(answer).toMatchObject({ status: 206, text: expected });
    expect(answer.headers).toMatchObject({
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

  test.each(['bytes=10-', 'bytes=99-100', 'bytes=-0'])('refuses the range %s of ten bytes', async (range) => {
    await put({ Key: 'a', Body: '0123456789' });
    const answer = await s3.sendSigned({ method: 'GET', target: '/files/a', headers: { range } });
    expect([answer.status, errorCode(answer)]).toEqual([416, 'InvalidRange']);
    expect(answer.headers['content-range']).toBe('bytes */10');
  });

  test.each(['bytes=0-1,3-4', 'bytes=4-2', 'bytes=-', 'lines=0-1', 'bytes=a-b'])(
    'serves everything for the range %s, as S3 does',
    async (range) => {
      await put({ Key: 'a', Body: '0123456789' });
      const answer = await s3.sendSigned({ method: 'GET', target: '/files/a', headers: { range } });
      expect(answer).toMatchObject({ status: 200, text: '0123456789' });
    },
  );

  test('honours the conditions on ETag and time, and If-Range', async () => {
    await put({ Key: 'a' });
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

  test('replaces headers as a presigned URL asks, for any file name', async () => {
    await put({ Key: 'a', ContentType: 'text/html', CacheControl: 'public' });
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

  test.each(['a\r\nset-cookie: b', '日本'])('refuses the header value %j', async (value) => {
    await put({ Key: 'a' });
    const target = `/files/a?response-content-type=${encodeURIComponent(value)}`;
    const answer = await s3.sendSigned({ method: 'GET', target });
    expect([answer.status, errorCode(answer)]).toEqual([400, 'InvalidArgument']);
  });

  test('refuses the bytes of an archived object, whose HEAD says that it is one', async () => {
    await put({ Key: 'a', StorageClass: 'DEEP_ARCHIVE' });
    await expect(get('a')).rejects.toMatchObject({ name: 'InvalidObjectState' });
    const head = await s3.client.send(new HeadObjectCommand({ Bucket: 'files', Key: 'a' }));
    expect(head.StorageClass).toBe('DEEP_ARCHIVE');
  });

  test('goes on to its end although the version is deleted meanwhile', async () => {
    const bytes = randomBytes(8_000_000);
    const { VersionId } = await put({ Key: 'a', Body: bytes });
    const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: 'files', Key: 'a' }));
    await s3.client.send(new DeleteObjectCommand({ Bucket: 'files', Key: 'a', VersionId }));
    expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(bytes)).toBe(true);
  });

  test('that is broken off half-way harms nobody', async () => {
    const bytes = randomBytes(8_000_000);
    await put({ Key: 'a', Body: bytes });
    const { target, headers } = await s3.signed({ method: 'GET', target: '/files/a' });
    const { hostname, port } = new URL(s3.service.url);
    const request = httpRequest({ hostname, port, path: target, headers: { ...headers } }).end();
    const [response] = await once(request, 'response');
    await once(response, 'data');
    request.destroy();
    expect(await get('a', { Range: 'bytes=0-9' })).toHaveLength(
      bytes.subarray(0, 10).toString('utf8').length,
    );
  });
});

describe('versions in the local S3', () => {
  test('are kept, and the latest is served', async () => {
    const one = await put({ Key: 'a', Body: 'one' });
    const two = await put({ Key: 'a', Body: 'two' });
    expect(one.VersionId).not.toBe(two.VersionId);
    expect(await get('a')).toBe('two');
    expect(await get('a', { VersionId: one.VersionId ?? '' })).toBe('one');
  });

  test('stay under a delete marker, which hides the key and can itself be deleted', async () => {
    const one = await put({ Key: 'a', Body: 'one' });
    const marker = await s3.client.send(new DeleteObjectCommand({ Bucket: 'files', Key: 'a' }));
    expect(marker.DeleteMarker).toBe(true);

    const hidden = await s3.sendSigned({ method: 'GET', target: '/files/a' });
    expect([hidden.status, errorCode(hidden), hidden.headers['x-amz-delete-marker']]).toEqual([
      404,
      'NoSuchKey',
      'true',
    ]);
    const itself = await s3.sendSigned({ method: 'GET', target: `/files/a?versionId=${marker.VersionId}` });
    expect([itself.status, errorCode(itself), itself.headers.allow]).toEqual([
      405,
      'MethodNotAllowed',
      'DELETE',
    ]);
    expect(await get('a', { VersionId: one.VersionId ?? '' })).toBe('one');

    await s3.client.send(new DeleteObjectCommand({ Bucket: 'files', Key: 'a', VersionId: marker.VersionId }));
    expect(await get('a')).toBe('one');
  });

  test('that never were are refused when read and no matter when deleted', async () => {
    await put({ Key: 'a' });
    await expect(get('a', { VersionId: 'never' })).rejects.toMatchObject({ name: 'NoSuchVersion' });
    const gone = await s3.client.send(
      new DeleteObjectCommand({ Bucket: 'files', Key: 'a', VersionId: 'never' }),
    );
    expect(gone.$metadata.httpStatusCode).toBe(204);
    expect(await get('a')).toBe('content');
    const empty = await s3.sendSigned({ method: 'GET', target: '/files/a?versionId=' });
    expect([empty.status, errorCode(empty)]).toEqual([400, 'InvalidArgument']);
  });

  test('are told of as events, one a change', async () => {
    const { VersionId } = await put({ Key: 'a', Body: 'one' });
    await s3.client.send(new CopyObjectCommand({ Bucket: 'plain', Key: 'b', CopySource: 'files/a' }));
    await s3.client.send(new DeleteObjectCommand({ Bucket: 'files', Key: 'a' }));
    await s3.client.send(new DeleteObjectCommand({ Bucket: 'files', Key: 'a', VersionId }));
    expect(s3.events).toMatchObject([
      { type: 'ObjectCreated:Put', bucket: 'files', key: 'a', versionId: VersionId, size: 3 },
      { type: 'ObjectCreated:Copy', bucket: 'plain', key: 'b', versionId: 'null', size: 3 },
      { type: 'ObjectRemoved:DeleteMarkerCreated', bucket: 'files', key: 'a' },
      { type: 'ObjectRemoved:Delete', bucket: 'files', key: 'a', versionId: VersionId },
    ]);
  });
});

describe('a copy in the local S3', () => {
  test('has the bytes and metadata of its source, and its own encryption and ETag', async () => {
    await put({ Key: 'gated/ä +.txt', Body: 'source', ContentType: 'text/plain', Metadata: { a: 'b' } });
    await s3.client.send(
      new CopyObjectCommand({
        Bucket: 'plain',
        Key: 'copy',
        CopySource: `/files/${encodeURIComponent('gated/ä +.txt')}`,
      }),
    );
    const copy = await s3.client.send(new GetObjectCommand({ Bucket: 'plain', Key: 'copy' }));
    expect(await copy.Body?.transformToString()).toBe('source');
    expect(copy).toMatchObject({
      ContentType: 'text/plain',
      Metadata: { a: 'b' },
      ServerSideEncryption: 'AES256',
      ETag: '"36cd38f49b9afa08222c0dc9ebfe35eb"',
    });
  });

  test('outlives its source', async () => {
    await put({ Bucket: 'plain', Key: 'a', Body: 'source' });
    await s3.client.send(new CopyObjectCommand({ Bucket: 'plain', Key: 'b', CopySource: 'plain/a' }));
    await s3.client.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'a' }));
    expect(await get('b', { Bucket: 'plain' })).toBe('source');
  });

  test('may be made of a version, with other metadata, and on a condition', async () => {
    const one = await put({ Key: 'a', Body: 'one', ContentType: 'text/plain' });
    await put({ Key: 'a', Body: 'two' });
    const CopySource = `files/a?versionId=${one.VersionId}`;
    const input = { Bucket: 'files', Key: 'b', CopySource };
    await s3.client.send(
      new CopyObjectCommand({
        ...input,
        MetadataDirective: 'REPLACE',
        ContentType: 'text/css',
        CopySourceIfMatch: one.ETag,
      }),
    );
    const copy = await s3.client.send(new GetObjectCommand({ Bucket: 'files', Key: 'b' }));
    expect([await copy.Body?.transformToString(), copy.ContentType]).toEqual(['one', 'text/css']);
    await expect(
      s3.client.send(new CopyObjectCommand({ ...input, CopySourceIfNoneMatch: one.ETag })),
    ).rejects.toMatchObject({ name: 'PreconditionFailed' });
  });

  test('is refused onto itself without a change, and of what is not there', async () => {
    await put({ Key: 'a' });
    const copy = (CopySource: string) =>
      s3.client.send(new CopyObjectCommand({ Bucket: 'files', Key: 'a', CopySource }));
    await expect(copy('files/a')).rejects.toMatchObject({ name: 'InvalidRequest' });
    await expect(copy('files/nothing')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(copy('nowhere/a')).rejects.toMatchObject({ name: 'NoSuchBucket' });
    await expect(copy('files')).rejects.toMatchObject({ name: 'InvalidArgument' });
  });
});

describe('the data folder of the local S3', () => {
  test('holds no signature and no access key', async () => {
    const signed = await s3.signed({ method: 'PUT', target: '/files/a' });
    expect(await s3.send(signed)).toMatchObject({ status: 200 });
    const signature = /Signature=(.+)/.exec(signed.headers?.authorization ?? '')?.[1] ?? 'none';
    const files = readdirSync(s3.dataDir, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const all = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')).join('\n');
    expect(signature).toHaveLength(64);
    expect(all).toContain('"key":"a"');
    expect(all).not.toContain(signature);
    expect(all).not.toContain('AKIDLOCAL');
  });
});
