import {
  DeleteObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandInput,
  type ListObjectVersionsCommandOutput,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { localS3, verdict } from '../support/local-s3.ts';

const s3 = localS3();

const put = (Key: string) => s3.client.send(new PutObjectCommand({ Bucket: 'files', Key, Body: Key }));

async function putAll(...keys: readonly string[]): Promise<void> {
  for (const key of keys) await put(key);
}

/** Returns the keys and common prefixes on each page of a listing. */
async function pagesOf(input: Partial<ListObjectsV2CommandInput>): Promise<string[][]> {
  const pages: string[][] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.client.send(
      new ListObjectsV2Command({ Bucket: 'files', ...input, ContinuationToken }),
    );
    const keys = (page.Contents ?? []).map(({ Key = '' }) => Key);
    const prefixes = (page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix);
    expect(page.KeyCount).toBe(keys.length + prefixes.length);
    pages.push([...keys, ...prefixes]);
    expect(page.IsTruncated).toBe(page.NextContinuationToken !== undefined);
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return pages;
}

async function versionPagesOf(input: Partial<ListObjectVersionsCommandInput>): Promise<string[][]> {
  const pages: string[][] = [];
  let markers: Pick<ListObjectVersionsCommandInput, 'KeyMarker' | 'VersionIdMarker'> | undefined = {};
  while (markers !== undefined) {
    const page: ListObjectVersionsCommandOutput = await s3.client.send(
      new ListObjectVersionsCommand({ Bucket: 'files', ...input, ...markers }),
    );
    const versions = (page.Versions ?? []).map(({ Key, VersionId }) => `${Key} ${VersionId}`);
    const markersFound = (page.DeleteMarkers ?? []).map(({ Key, VersionId }) => `${Key} ${VersionId}`);
    const prefixes = (page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix);
    pages.push([...versions, ...markersFound, ...prefixes]);
    markers = page.IsTruncated
      ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
      : undefined;
  }
  return pages;
}

describe('ListObjectsV2', () => {
  test('a listing contains each object once and in UTF-8 order, for any page size', async () => {
    // In JavaScript's UTF-16 order, the last two keys would be swapped.
    const keys = ['A', 'a', 'a/b', 'a/c', 'b', 'é', '\uff5e', '😀'];
    await putAll(...[...keys].reverse());
    expect(await pagesOf({})).toEqual([keys]);
    expect((await pagesOf({ MaxKeys: 3 })).flat()).toEqual(keys);
    expect((await pagesOf({ MaxKeys: 1 })).map((page) => page.length)).toEqual(keys.map(() => 1));
    expect(await pagesOf({ MaxKeys: 0 })).toEqual([[]]);
  });

  test('a listing contains the size, ETag, storage class, checksum, and modification time of each object', async () => {
    const { ETag } = await put('gated/a');
    const { Contents = [] } = await s3.client.send(new ListObjectsV2Command({ Bucket: 'files' }));
    expect(Contents).toMatchObject([
      { Key: 'gated/a', Size: 7, ETag, StorageClass: 'STANDARD', ChecksumType: 'FULL_OBJECT' },
    ]);
    expect(Contents[0]?.LastModified).toBeInstanceOf(Date);
  });

  test('a listing can be limited to a prefix and grouped by a delimiter across pages', async () => {
    await putAll('gated/a', 'gated/x/1', 'gated/x/2', 'gated/y/1', 'gated/z', 'other');
    expect(await pagesOf({ Prefix: 'gated/' })).toEqual([
      ['gated/a', 'gated/x/1', 'gated/x/2', 'gated/y/1', 'gated/z'],
    ]);
    expect(await pagesOf({ Delimiter: '/' })).toEqual([['other', 'gated/']]);
    const folded = { Prefix: 'gated/', Delimiter: '/' };
    expect(await pagesOf(folded)).toEqual([['gated/a', 'gated/z', 'gated/x/', 'gated/y/']]);
    expect(await pagesOf({ ...folded, MaxKeys: 1 })).toEqual([
      ['gated/a'],
      ['gated/x/'],
      ['gated/y/'],
      ['gated/z'],
    ]);
    expect(await pagesOf({ Prefix: 'nothing' })).toEqual([[]]);
  });

  test('a listing can start after a key, even if the key does not exist', async () => {
    await putAll('a', 'b', 'c');
    expect(await pagesOf({ StartAfter: 'a' })).toEqual([['b', 'c']]);
    expect(await pagesOf({ StartAfter: 'aa' })).toEqual([['b', 'c']]);
    expect(await pagesOf({ StartAfter: 'c' })).toEqual([[]]);
  });

  test('a listing omits keys with a delete marker', async () => {
    await putAll('a', 'b');
    await s3.client.send(new DeleteObjectCommand({ Bucket: 'files', Key: 'a' }));
    expect(await pagesOf({})).toEqual([['b']]);
  });

  test('a listing escapes keys, so that clients read them unchanged', async () => {
    const odd = ['<&>"\'', 'a b+c', '\u0001', '日本'];
    await putAll(...odd);
    const response = await s3.sendSigned({ method: 'GET', target: '/files?list-type=2' });
    expect(response.text).toContain("<Key>&lt;&amp;&gt;&quot;'</Key>");
    expect(response.text).toContain('<Key>&#x1;</Key>');
    const { Contents = [], EncodingType } = await s3.client.send(
      new ListObjectsV2Command({ Bucket: 'files', EncodingType: 'url' }),
    );
    expect(EncodingType).toBe('url');
    expect(Contents.map(({ Key = '' }) => decodeURIComponent(Key)).sort()).toEqual([...odd].sort());
    expect(Contents.map(({ Key }) => Key)).toContain('a%20b%2Bc');
  });

  test.each(['max-keys=-1', 'max-keys=x', 'encoding-type=base64', 'continuation-token='])(
    'a listing with %s is rejected',
    async (parameter) => {
      const response = await s3.sendSigned({ method: 'GET', target: `/files?list-type=2&${parameter}` });
      expect(verdict(response)).toEqual([400, 'InvalidArgument']);
    },
  );
});

describe('ListObjectVersions', () => {
  test('a listing of versions contains versions and delete markers, latest first, for any page size', async () => {
    const one = await put('a');
    const two = await put('a');
    const marker = await s3.client.send(new DeleteObjectCommand({ Bucket: 'files', Key: 'a' }));
    const other = await put('b');
    const wanted = [
      `a ${marker.VersionId}`,
      `a ${two.VersionId}`,
      `a ${one.VersionId}`,
      `b ${other.VersionId}`,
    ];
    expect((await versionPagesOf({})).flat().sort()).toEqual([...wanted].sort());
    expect(await versionPagesOf({ MaxKeys: 1 })).toEqual(wanted.map((version) => [version]));
    expect(await versionPagesOf({ Prefix: 'b' })).toEqual([[`b ${other.VersionId}`]]);

    const { Versions = [], DeleteMarkers = [] } = await s3.client.send(
      new ListObjectVersionsCommand({ Bucket: 'files' }),
    );
    expect(DeleteMarkers).toMatchObject([{ Key: 'a', IsLatest: true }]);
    expect(Versions).toMatchObject([
      { Key: 'a', IsLatest: false, Size: 1 },
      { Key: 'a', IsLatest: false },
      { Key: 'b', IsLatest: true },
    ]);
  });

  test('a listing of versions continues after a key, groups by a delimiter, and rejects a version marker without a key', async () => {
    await putAll('a', 'b/1', 'b/2', 'c');
    const names = async (input: Partial<ListObjectVersionsCommandInput>) =>
      (await versionPagesOf(input)).map((page) => page.map((entry) => entry.split(' ')[0]));
    expect(await names({ Delimiter: '/' })).toEqual([['a', 'c', 'b/']]);
    expect(await names({ Delimiter: '/', MaxKeys: 1 })).toEqual([['a'], ['b/'], ['c']]);
    const after = await s3.client.send(new ListObjectVersionsCommand({ Bucket: 'files', KeyMarker: 'b/1' }));
    expect(after.Versions?.map(({ Key }) => Key)).toEqual(['b/2', 'c']);
    const response = await s3.sendSigned({ method: 'GET', target: '/files?versions=&version-id-marker=x' });
    expect(verdict(response)).toEqual([400, 'InvalidArgument']);
  });
});

describe('buckets', () => {
  test('buckets can be listed and looked up, and report their region', async () => {
    const { Buckets = [] } = await s3.client.send(new ListBucketsCommand({}));
    expect(Buckets.map(({ Name }) => Name)).toEqual(['files', 'plain']);
    expect(await s3.client.send(new HeadBucketCommand({ Bucket: 'files' }))).toMatchObject({
      BucketRegion: 'eu-west-1',
    });
    await expect(s3.client.send(new HeadBucketCommand({ Bucket: 'nowhere' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
  });

  test('a bucket survives a restart', async () => {
    s3.service.createBucket('made-here', { versioned: false });
    await s3.stop();
    await s3.start();
    expect(await s3.client.send(new HeadBucketCommand({ Bucket: 'made-here' }))).toBeDefined();
  });

  test.each(['no', 'Capital', 'a..b', '192.168.0.1', '-dash', 'under_score', 'x'.repeat(64)])(
    'a bucket cannot have the name %s',
    (name) => {
      expect(() => s3.service.createBucket(name, { versioned: true })).toThrow(/Invalid bucket name/);
    },
  );

  test('a bucket keeps its objects when its settings change', async () => {
    await put('a');
    s3.service.createBucket('files', { versioned: false });
    expect(await pagesOf({})).toEqual([['a']]);
    const { VersionId, ServerSideEncryption } = await put('a');
    expect([VersionId, ServerSideEncryption]).toEqual([undefined, 'AES256']);
  });
});
