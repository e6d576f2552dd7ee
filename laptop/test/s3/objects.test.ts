import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { KMS_KEY_ARN, localS3 } from '../support/local-s3.ts';

const s3 = localS3();

describe('objects', () => {
  test('an object keeps its bytes, content headers, user metadata, storage class, and encryption', async () => {
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
    const { VersionId, ETag } = await s3.put({ Key: 'gated/a', Body: bytes, ...sent });
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

  test('the ETag of an object is the MD5 of its bytes unless it is encrypted with KMS', async () => {
    const md5 = '"9a0364b9e99bb480dd25e1f0284c8555"';
    expect((await s3.put({ Bucket: 'plain', Key: 'a' })).ETag).toBe(md5);
    expect((await s3.put({ Key: 'a' })).ETag).not.toBe(md5);
  });

  test('an object can be empty', async () => {
    await s3.put({ Key: 'empty', Body: Buffer.alloc(0) });
    expect(await s3.read('empty')).toBe('');
    await expect(s3.read('empty', { Range: 'bytes=0-' })).rejects.toMatchObject({ name: 'InvalidRange' });
  });

  test.each([
    ['a path to a parent folder', '../../../etc/passwd'],
    ['two dots', '..'],
    ['empty and dotted segments', 'a//b/./c/../d'],
    ['percent signs', 'gated/%2e%2e%2f'],
    ['Unicode and reserved characters', 'gated/é 日本 👩‍🚀 +&=?#%;.pdf'],
    ['characters that encodeURIComponent leaves unchanged', "gated/it's (1)!*.txt"],
    ['control characters', '\u0001\u007f'],
    ['1,024 bytes', 'x'.repeat(1024)],
    ['the name of a JavaScript property', '__proto__'],
    ['the name of an index file', 'index.json'],
  ])('an object whose key contains %s is stored inside the data folder', async (_, Key) => {
    await s3.put({ Key });
    expect(await s3.read(Key)).toBe('content');
    const head = await s3.client.send(new HeadObjectCommand({ Bucket: 'files', Key }));
    expect(head.ContentLength).toBe('content'.length);
    expect(readdirSync(join(s3.dataDir, '..'))).toEqual(['data']);
    expect(readdirSync(s3.dataDir).sort()).toEqual(['buckets', 'unfinished']);
    expect(readdirSync(join(s3.dataDir, 'buckets', 'files')).sort()).toEqual([
      'bucket.json',
      'objects',
      'uploads',
    ]);
  });

  test('an object that consists mostly of zeros takes up little disk space', async () => {
    const bytes = Buffer.concat([Buffer.alloc(8 * 1024 ** 2), Buffer.from('end')]);
    await s3.put({ Key: 'a', Body: bytes });
    const objects = join(s3.dataDir, 'buckets', 'files', 'objects');
    const data = readdirSync(objects, { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('.data'),
    );
    expect(data.map((path) => statSync(join(objects, path)).size)).toEqual([bytes.length]);
    expect(data.map((path) => statSync(join(objects, path)).blocks * 512 < bytes.length / 2)).toEqual([true]);
    expect((await s3.readBytes('a')).equals(bytes)).toBe(true);
  });

  test('a key of more than 1,024 bytes is rejected', async () => {
    await expect(s3.put({ Key: 'é'.repeat(513) })).rejects.toMatchObject({ name: 'KeyTooLongError' });
  });

  test('an object is also available at BUCKET.localhost', async () => {
    await s3.put({ Key: 'gated/a' });
    const { port } = new URL(s3.service.url);
    const headers = { host: `files.localhost:${port}` };
    const response = await s3.sendSigned({ method: 'GET', target: '/gated/a', headers });
    expect(response).toMatchObject({ status: 200, text: 'content' });
  });

  test('an object and its versions survive a restart, but unfinished files do not', async () => {
    const first = await s3.put({ Key: 'a', Body: 'one' });
    await s3.put({ Key: 'a', Body: 'two' });
    await s3.stop();
    const objects = join(s3.dataDir, 'buckets', 'files', 'objects');
    const [folder = ''] = readdirSync(objects);
    writeFileSync(join(objects, folder, 'orphan.data'), 'never indexed');
    writeFileSync(join(objects, folder, 'index.json.new'), '{"half":');
    writeFileSync(join(s3.dataDir, 'unfinished', 'upload'), 'half');
    await s3.start();
    expect(await s3.read('a')).toBe('two');
    expect(await s3.read('a', { VersionId: first.VersionId ?? '' })).toBe('one');
    expect(
      readdirSync(join(objects, folder)).filter((name) => !/^([0-9a-f]{32}\.data|index\.json)$/.test(name)),
    ).toEqual([]);
    expect(readdirSync(join(s3.dataDir, 'unfinished'))).toEqual([]);
  });

  test('an object leaves no file behind when it is overwritten or deleted', async () => {
    const objects = join(s3.dataDir, 'buckets', 'plain', 'objects');
    await s3.put({ Bucket: 'plain', Key: 'a', Body: 'one' });
    await s3.put({ Bucket: 'plain', Key: 'a', Body: 'two' });
    const [folder = ''] = readdirSync(objects);
    expect(readdirSync(join(objects, folder))).toHaveLength(2);
    expect(await s3.read('a', { Bucket: 'plain' })).toBe('two');
    await s3.client.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'a' }));
    expect(readdirSync(objects)).toEqual([]);
  });
});

describe('the data folder', () => {
  test('the data folder contains neither signatures nor access keys', async () => {
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
