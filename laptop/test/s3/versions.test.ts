import { CopyObjectCommand, DeleteObjectCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { errorCode, localS3, verdict } from '../support/local-s3.ts';

const s3 = localS3();

describe('versions', () => {
  test('earlier versions are kept, and GET returns the latest', async () => {
    const one = await s3.put({ Key: 'a', Body: 'one' });
    const two = await s3.put({ Key: 'a', Body: 'two' });
    expect(one.VersionId).not.toBe(two.VersionId);
    expect(await s3.read('a')).toBe('two');
    expect(await s3.read('a', { VersionId: one.VersionId ?? '' })).toBe('one');
  });

  test('a delete marker hides a key but not its versions, and can be deleted', async () => {
    const one = await s3.put({ Key: 'a', Body: 'one' });
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
    expect(await s3.read('a', { VersionId: one.VersionId ?? '' })).toBe('one');

    await s3.client.send(new DeleteObjectCommand({ Bucket: 'files', Key: 'a', VersionId: marker.VersionId }));
    expect(await s3.read('a')).toBe('one');
  });

  test('an unknown version cannot be read, but can be deleted', async () => {
    await s3.put({ Key: 'a' });
    await expect(s3.read('a', { VersionId: 'never' })).rejects.toMatchObject({ name: 'NoSuchVersion' });
    const gone = await s3.client.send(
      new DeleteObjectCommand({ Bucket: 'files', Key: 'a', VersionId: 'never' }),
    );
    expect(gone.$metadata.httpStatusCode).toBe(204);
    expect(await s3.read('a')).toBe('content');
    const empty = await s3.sendSigned({ method: 'GET', target: '/files/a?versionId=' });
    expect([empty.status, errorCode(empty)]).toEqual([400, 'InvalidArgument']);
  });

  test('a deletion with a condition gets 501 and deletes nothing', async () => {
    await s3.put({ Key: 'a' });
    const headers = { 'if-match': '"any"' };
    const response = await s3.sendSigned({ method: 'DELETE', target: '/files/a', headers });
    expect(verdict(response)).toEqual([501, 'NotImplemented']);
    expect(await s3.read('a')).toBe('content');
  });

  test('each new version is reported once', async () => {
    const { VersionId } = await s3.put({ Key: 'a', Body: 'one' });
    await s3.client.send(new CopyObjectCommand({ Bucket: 'plain', Key: 'b', CopySource: 'files/a' }));
    await s3.client.send(new DeleteObjectCommand({ Bucket: 'files', Key: 'a' }));
    expect(s3.created).toMatchObject([
      { reason: 'PutObject', bucket: 'files', key: 'a', versionId: VersionId, size: 3 },
      { reason: 'CopyObject', bucket: 'plain', key: 'b', versionId: 'null', size: 3 },
    ]);
  });
});

describe('CopyObject', () => {
  test('a copy has the bytes and metadata of its source, but its own encryption and ETag', async () => {
    await s3.put({ Key: 'gated/ä +.txt', Body: 'source', ContentType: 'text/plain', Metadata: { a: 'b' } });
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

  test('a copy survives the deletion of its source', async () => {
    await s3.put({ Bucket: 'plain', Key: 'a', Body: 'source' });
    await s3.client.send(new CopyObjectCommand({ Bucket: 'plain', Key: 'b', CopySource: 'plain/a' }));
    await s3.client.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'a' }));
    expect(await s3.read('b', { Bucket: 'plain' })).toBe('source');
  });

  test('a copy can read a given version, set new metadata, and have preconditions', async () => {
    const one = await s3.put({ Key: 'a', Body: 'one', ContentType: 'text/plain' });
    await s3.put({ Key: 'a', Body: 'two' });
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

  test('a copy is rejected if it changes nothing or its source does not exist', async () => {
    await s3.put({ Key: 'a' });
    const copy = (CopySource: string) =>
      s3.client.send(new CopyObjectCommand({ Bucket: 'files', Key: 'a', CopySource }));
    await expect(copy('files/a')).rejects.toMatchObject({ name: 'InvalidRequest' });
    await expect(copy('files/nothing')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(copy('nowhere/a')).rejects.toMatchObject({ name: 'NoSuchBucket' });
    await expect(copy('files')).rejects.toMatchObject({ name: 'InvalidArgument' });
  });
});
