import { createHash } from 'node:crypto';
import { DeleteObjectsCommand, ListObjectVersionsCommand, type ObjectIdentifier } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { localS3, verdict } from '../support/local-s3.ts';

const s3 = localS3();

const remove = (Objects: ObjectIdentifier[], Bucket = 'files') =>
  s3.client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));

/** Sends a batch deletion request without the SDK. */
const send = (body: string, headers: Record<string, string>) =>
  s3.sendSigned({
    method: 'POST',
    target: '/files?delete=',
    headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', ...headers },
    body,
  });

const md5Of = (body: string) => ({ 'content-md5': createHash('md5').update(body).digest('base64') });

describe('DeleteObjects', () => {
  test('a batch without version IDs adds delete markers, and a batch with version IDs permanently deletes the versions', async () => {
    const { VersionId } = await s3.put({ Key: 'a & <b>' });
    const { Deleted: [laid] = [] } = await remove([{ Key: 'a & <b>' }]);
    expect(laid).toMatchObject({ Key: 'a & <b>', DeleteMarker: true });
    const marker = laid?.DeleteMarkerVersionId;
    const { Deleted } = await remove([
      { Key: 'a & <b>', VersionId },
      { Key: 'a & <b>', VersionId: marker },
    ]);
    expect(Deleted).toEqual([
      { Key: 'a & <b>', VersionId },
      { Key: 'a & <b>', VersionId: marker, DeleteMarker: true, DeleteMarkerVersionId: marker },
    ]);
    const left = await s3.client.send(new ListObjectVersionsCommand({ Bucket: 'files' }));
    expect([left.Versions, left.DeleteMarkers]).toEqual([undefined, undefined]);
    expect(s3.events.map(({ type }) => type)).toEqual([
      'ObjectCreated:Put',
      'ObjectRemoved:DeleteMarkerCreated',
      'ObjectRemoved:Delete',
      'ObjectRemoved:Delete',
    ]);
  });

  test('a batch in an unversioned bucket deletes the objects, and reports missing objects as deleted', async () => {
    await s3.put({ Bucket: 'plain', Key: 'a' });
    const { Deleted, Errors } = await remove([{ Key: 'a' }, { Key: 'nothing' }], 'plain');
    expect([Deleted, Errors]).toEqual([[{ Key: 'a' }, { Key: 'nothing' }], undefined]);
    await expect(s3.read('a', { Bucket: 'plain' })).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test('a batch reports a denial for each key that the caller may not delete', async () => {
    await s3.restartDenying(
      ({ action, resource }) => action === 's3:DeleteObject' && resource.endsWith('/kept'),
    );
    for (const Key of ['kept', 'gone']) await s3.put({ Key });
    const { Deleted, Errors } = await remove([{ Key: 'kept' }, { Key: 'gone' }]);
    expect(Deleted).toMatchObject([{ Key: 'gone' }]);
    expect(Errors).toMatchObject([{ Key: 'kept', Code: 'AccessDenied' }]);
    expect(await s3.read('kept')).toBe('content');
  });

  test('a quiet batch reports only failures', async () => {
    const Objects = [{ Key: 'a' }, { Key: 'b', VersionId: '' }];
    const quiet = new DeleteObjectsCommand({ Bucket: 'files', Delete: { Objects, Quiet: true } });
    const { Deleted, Errors } = await s3.client.send(quiet);
    expect([Deleted, Errors]).toMatchObject([
      undefined,
      [{ Key: 'b', VersionId: '', Code: 'InvalidArgument' }],
    ]);
  });

  test('a deletion with a condition is rejected as not implemented and deletes nothing', async () => {
    await s3.put({ Key: 'a' });
    const { Errors } = await remove([{ Key: 'a', ETag: '"any"' }]);
    expect(Errors).toMatchObject([{ Key: 'a', Code: 'NotImplemented' }]);
    const single = { method: 'DELETE', target: '/files/a', headers: { 'if-match': '"any"' } };
    expect(verdict(await s3.sendSigned(single))).toEqual([501, 'NotImplemented']);
    expect(await s3.read('a')).toBe('content');
  });

  test('a batch can contain at most 1,000 keys', async () => {
    const keys = Array.from({ length: 1000 }, (_, index) => ({ Key: `${index}` }));
    expect((await remove(keys, 'plain')).Deleted).toHaveLength(1000);
    await expect(remove([...keys, { Key: 'one more' }], 'plain')).rejects.toMatchObject({
      name: 'MalformedXML',
    });
  });

  test('a batch without a correct checksum of its body is rejected', async () => {
    const body = '<Delete><Object><Key>a</Key></Object></Delete>';
    expect(verdict(await send(body, {}))).toEqual([400, 'InvalidRequest']);
    expect(verdict(await send(body, md5Of('another')))).toEqual([400, 'BadDigest']);
    expect(verdict(await send(body, { 'x-amz-checksum-crc32': 'y/Q5Jg==' }))).toEqual([400, 'BadDigest']);
    expect(verdict(await send(body, md5Of(body)))).toEqual([200, undefined]);
  });

  test.each([
    ['no keys', '<Delete/>'],
    ['an empty key', '<Delete><Object><Key></Key></Object></Delete>'],
    ['an element inside a key', '<Delete><Object><Key><a>b</a></Key></Object></Delete>'],
    ['a document that is not XML', 'a'],
  ])('a batch with %s is rejected', async (_, body) => {
    expect(verdict(await send(body, md5Of(body)))).toEqual([400, 'MalformedXML']);
  });
});
