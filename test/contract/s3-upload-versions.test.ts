import { DeleteObjectCommand, ListObjectVersionsCommand, PutObjectTaggingCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../lambda/domain/errors.ts';
import { keyOfUpload, type Upload } from '../../lambda/domain/uploads/upload.ts';
import { BUCKET, uploadBucket, whole } from './upload-bucket.ts';

const { behind, checks, requests, s3, send, stored, versions } = uploadBucket();

async function tagged(upload: Upload, VersionId: string, tags: Readonly<Record<string, string>>) {
  const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const target = { Bucket: BUCKET, Key: keyOfUpload(upload.uploadId), VersionId };
  await s3.client.send(new PutObjectTaggingCommand({ ...target, Tagging: { TagSet } }));
}

describe('the inspection of an upload', () => {
  test('finds nothing before the object is stored or after it is deleted', async () => {
    const upload = whole('hello');
    expect(await checks().inspect(upload)).toBeUndefined();
    await stored(upload, 'hello');
    expect(await checks().inspect(upload)).toMatchObject({ size: 5, base64: upload.checksum.base64 });
    const Key = keyOfUpload(upload.uploadId);
    await s3.client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
    expect(await checks().inspect(upload)).toBeUndefined();
  });

  test('returns no checksum if the object has none of the declared kind', async () => {
    const upload = whole('hello');
    await stored(upload, 'hello');
    const other = { ...upload, checksum: { kind: 'crc64nvme', base64: 'x' } } as const;
    expect(await checks().inspect(other)).not.toHaveProperty('base64');
  });

  test('reports a content encoding that the sender added, which the signature cannot prevent', async () => {
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

  test('reads a short file completely', async () => {
    const upload = whole('a');
    await stored(upload, 'a');
    const found = await checks().inspect(upload);
    if (found === undefined) throw new Error('missing');
    expect(Buffer.from(await checks().firstBytes(upload, found.version)).toString()).toBe('a');
  });

  test.each([
    ['is down', () => ({ fate: 'lose-request' }) as const],
    ['sends half a response', () => ({ fate: 'cut-response', afterBytes: 2 }) as const],
  ])('throws Unavailable if S3 %s', async (_what, decide) => {
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
    'have the tag %s after the scanner has written it',
    async (value) => {
      const upload = whole('hello');
      const versionId = await stored(upload, 'hello');
      expect(await versions().tagOf(upload.uploadId, versionId)).toBeUndefined();
      await tagged(upload, versionId, { other: 'x', [TAG]: value });
      expect(await versions().tagOf(upload.uploadId, versionId)).toBe(value);
    },
  );

  test('are reported without a tag if they are gone or if the value of their tag is unknown', async () => {
    const upload = whole('hello');
    const versionId = await stored(upload, 'hello');
    await tagged(upload, versionId, { [TAG]: 'CLEAN' });
    expect(await versions().tagOf(upload.uploadId, versionId)).toBeUndefined();
    await versions().remove(upload.uploadId, versionId);
    expect(await versions().tagOf(upload.uploadId, versionId)).toBeUndefined();
    expect(await versions().tagOf(whole('x').uploadId, versionId)).toBeUndefined();
  });

  test('are tagged separately', async () => {
    const upload = whole('hello');
    const first = await stored(upload, 'hello');
    const { VersionId: second = '' } = await s3.put({ Key: keyOfUpload(upload.uploadId) });
    await tagged(upload, second, { [TAG]: 'NO_THREATS_FOUND' });
    expect(await versions().tagOf(upload.uploadId, first)).toBeUndefined();
    expect(await versions().tagOf(upload.uploadId, second)).toBe('NO_THREATS_FOUND');
  });

  test.each([
    ['no scan', {}, { ReleasedByOperator: 'true' }],
    ['a failed scan', { [TAG]: 'FAILED' }, { [TAG]: 'FAILED', ReleasedByOperator: 'true' }],
    ['a clean scan', { [TAG]: 'NO_THREATS_FOUND' }, { [TAG]: 'NO_THREATS_FOUND' }],
  ])('keep the scanner’s tag when an operator releases them after %s', async (_what, before, after) => {
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

  test('can be deleted one by one, all at once, or all but the published one, without affecting other keys', async () => {
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
    'are unavailable to %s() while S3 is down',
    async (call) => {
      const down = versions(await behind(() => ({ fate: 'lose-request' })));
      await expect(down[call](whole('x').uploadId, 'v')).rejects.toBeInstanceOf(Unavailable);
    },
  );
});
