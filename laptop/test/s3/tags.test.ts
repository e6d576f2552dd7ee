import {
  CopyObjectCommand,
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectTaggingCommand,
  type Tag,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, test } from '@jest/globals';
import { localS3, verdict } from '../support/local-s3.ts';
import { SdkUpload, withoutChecksums } from '../support/multipart.ts';

const TAGS: Tag[] = [
  { Key: 'status', Value: 'clean' },
  { Key: 'Ünder @work', Value: '' },
];

const s3 = localS3();

const tagsOf = async (Key: string, VersionId?: string): Promise<Tag[] | undefined> =>
  (await s3.client.send(new GetObjectTaggingCommand({ Bucket: 'files', Key, VersionId }))).TagSet;

const tag = (TagSet: Tag[], input: { VersionId?: string } = {}) =>
  s3.client.send(new PutObjectTaggingCommand({ Bucket: 'files', Key: 'a', Tagging: { TagSet }, ...input }));

describe('object tags', () => {
  test('tags can be put, read, and deleted without changing the bytes or the version of an object', async () => {
    const { VersionId } = await s3.put({ Key: 'a' });
    expect(await tagsOf('a')).toEqual([]);
    expect(await tag(TAGS)).toMatchObject({ VersionId });
    expect(await tagsOf('a')).toEqual(TAGS);
    await tag([{ Key: 'other', Value: '1' }]);
    expect(await tagsOf('a')).toEqual([{ Key: 'other', Value: '1' }]);
    await s3.client.send(new DeleteObjectTaggingCommand({ Bucket: 'files', Key: 'a' }));
    expect(await tagsOf('a')).toEqual([]);
    expect(await s3.read('a', { VersionId })).toBe('content');
    expect(s3.created).toHaveLength(1);
  });

  test('tags belong to a version and survive a restart', async () => {
    const { VersionId = '' } = await s3.put({ Key: 'a' });
    await s3.put({ Key: 'a', Body: 'later' });
    await tag(TAGS, { VersionId });
    await s3.stop();
    await s3.start();
    expect([await tagsOf('a', VersionId), await tagsOf('a')]).toEqual([TAGS, []]);
    expect([await s3.read('a', { VersionId }), await s3.read('a')]).toEqual(['content', 'later']);
  });

  test('a PUT or a multipart upload can set tags', async () => {
    await s3.put({ Key: 'a', Tagging: 'status=clean&%C3%9Cnder%20@work=' });
    expect(await tagsOf('a')).toEqual(TAGS);
    const upload = await SdkUpload.begin(s3.client, { Key: 'b', Tagging: 'status=new' });
    await upload.complete([withoutChecksums(await upload.part(1, 'x'))]);
    expect(await tagsOf('b')).toEqual([{ Key: 'status', Value: 'new' }]);
  });

  test('a copy has the tags of its source unless it replaces them', async () => {
    await s3.put({ Key: 'a', Tagging: 'status=clean' });
    const copy = { Bucket: 'files', CopySource: 'files/a' };
    await s3.client.send(new CopyObjectCommand({ ...copy, Key: 'b', Tagging: 'ignored=1' }));
    expect(await tagsOf('b')).toEqual([{ Key: 'status', Value: 'clean' }]);
    const own = { Key: 'c', TaggingDirective: 'REPLACE', Tagging: 'own=1' } as const;
    await s3.client.send(new CopyObjectCommand({ ...copy, ...own }));
    expect(await tagsOf('c')).toEqual([{ Key: 'own', Value: '1' }]);
  });

  test('an object can have ten tags of the maximum length, with keys that differ only in case', async () => {
    await s3.put({ Key: 'a' });
    const many: Tag[] = [
      ...Array.from({ length: 7 }, (_, index) => ({ Key: `${index}`, Value: 'v'.repeat(256) })),
      { Key: 'k'.repeat(128), Value: '' },
      { Key: 'case', Value: '1' },
      { Key: 'Case', Value: '2' },
    ];
    await tag(many);
    expect(await tagsOf('a')).toEqual(many);
  });

  test('an empty set of tags removes all tags', async () => {
    await s3.put({ Key: 'a', Tagging: 'status=clean' });
    await tag([]);
    expect(await tagsOf('a')).toEqual([]);
  });

  test.each<[string, Tag[], string]>([
    ['eleven tags', Array.from({ length: 11 }, (_, index) => ({ Key: `${index}`, Value: '' })), 'BadRequest'],
    [
      'a key that occurs twice',
      [
        { Key: 'a', Value: '1' },
        { Key: 'a', Value: '2' },
      ],
      'InvalidTag',
    ],
    ['a key that AWS reserves', [{ Key: 'aws:a', Value: '' }], 'InvalidTag'],
    ['a reserved key in capitals', [{ Key: 'AWS:a', Value: '' }], 'InvalidTag'],
    ['an empty key', [{ Key: '', Value: '' }], 'InvalidTag'],
    ['a key that is too long', [{ Key: 'a'.repeat(129), Value: '' }], 'InvalidTag'],
    ['a value that is too long', [{ Key: 'a', Value: 'a'.repeat(257) }], 'InvalidTag'],
    ['a forbidden character', [{ Key: 'a', Value: '<' }], 'InvalidTag'],
  ])('a set of tags with %s is rejected', async (_, tags, name) => {
    await s3.put({ Key: 'a' });
    await expect(tag(tags)).rejects.toMatchObject({ name });
    const header = tags.map(({ Key = '', Value = '' }) => `${Key}=${encodeURIComponent(Value)}`).join('&');
    await expect(s3.put({ Key: 'b', Tagging: header })).rejects.toMatchObject({ name });
    expect(await tagsOf('a')).toEqual([]);
  });

  test('a request for the tags of a missing object gets 404', async () => {
    await expect(tagsOf('nothing')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(tag(TAGS)).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(s3.created).toEqual([]);
  });

  test('a tagging document that is malformed or lacks a checksum is rejected', async () => {
    await s3.put({ Key: 'a' });
    const send = (headers: Record<string, string>) =>
      s3.sendSigned({
        method: 'PUT',
        target: '/files/a?tagging=',
        headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', ...headers },
        body: '123456789',
      });
    expect(verdict(await send({}))).toEqual([400, 'InvalidRequest']);
    expect(verdict(await send({ 'x-amz-checksum-crc32': 'y/Q5Jg==' }))).toEqual([400, 'MalformedXML']);
  });
});

describe('policies with tag conditions', () => {
  test('the existing tags of an object and the tags in the request are condition keys', async () => {
    await s3.put({ Key: 'a', Tagging: 'status=clean' });
    const authorizations = await s3.restartDenying();
    await s3.read('a');
    await tag([{ Key: 'status', Value: 'found' }]);
    await s3.put({ Key: 'b', Tagging: 'status=new' });
    const about = authorizations.filter(({ action }) => action.startsWith('s3:'));
    expect(about.map(({ action, conditions }) => [action, conditions])).toMatchObject([
      ['s3:GetObject', { 's3:ExistingObjectTag/status': 'clean' }],
      [
        's3:PutObjectTagging',
        { 's3:ExistingObjectTag/status': 'clean', 's3:RequestObjectTag/status': 'found' },
      ],
      ['s3:PutObject', { 's3:RequestObjectTagKeys': ['status'], 's3:RequestObjectTag/status': 'new' }],
      ['s3:PutObjectTagging', { 's3:RequestObjectTag/status': 'new' }],
    ]);
  });

  test('a policy can allow uploads but deny setting tags, even through a copy', async () => {
    await s3.put({ Key: 'a', Tagging: 'status=clean' });
    await s3.restartDenying(({ action }) => action === 's3:PutObjectTagging');
    const denied = { name: 'AccessDenied' };
    await expect(tag(TAGS)).rejects.toMatchObject(denied);
    await expect(s3.put({ Key: 'b', Tagging: 'status=clean' })).rejects.toMatchObject(denied);
    const copy = { Bucket: 'files', Key: 'b', CopySource: 'files/a' };
    await expect(s3.client.send(new CopyObjectCommand(copy))).rejects.toMatchObject(denied);
    await s3.client.send(new CopyObjectCommand({ ...copy, TaggingDirective: 'REPLACE' }));
    await s3.put({ Key: 'c' });
  });

  test("a URL that was presigned while an object was clean is denied once the version's tag changes", async () => {
    const { VersionId } = await s3.put({ Key: 'a', Tagging: 'scan=clean' });
    await s3.restartDenying(
      ({ action, conditions }) =>
        action.startsWith('s3:GetObject') && conditions['s3:ExistingObjectTag/scan'] !== 'clean',
    );
    const input = { Bucket: 'files', Key: 'a' };
    const urls = [
      [await getSignedUrl(s3.client, new GetObjectCommand(input)), 'GET'],
      [await getSignedUrl(s3.client, new GetObjectCommand({ ...input, VersionId })), 'GET'],
      [await getSignedUrl(s3.client, new HeadObjectCommand({ ...input, VersionId })), 'HEAD'],
    ] as const;
    const statuses = () =>
      Promise.all(urls.map(async ([url, method]) => (await fetch(url, { method })).status));
    expect(await statuses()).toEqual([200, 200, 200]);
    await tag([{ Key: 'scan', Value: 'infected' }]);
    expect(await statuses()).toEqual([403, 403, 403]);
    // Only the tags of the requested version matter.
    await s3.put({ Key: 'a', Tagging: 'scan=clean' });
    expect(await statuses()).toEqual([200, 403, 403]);
  });
});
