import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { EMPTY_SHA256, KMS_KEY_ARN, localS3, verdict } from '../support/local-s3.ts';
import { SdkUpload, withoutChecksums } from '../support/multipart.ts';

const KEY = 'gated/report (1) é+ü.pdf';
const CONTENT = 'the bytes of the report';

const s3 = localS3();

beforeEach(async () => {
  await s3.put({ Key: KEY, Body: CONTENT });
});

describe('permissions in S3', () => {
  test('only callers that are allowed to list the bucket can find out that a key does not exist', async () => {
    const get = new GetObjectCommand({ Bucket: 'files', Key: 'gated/nothing' });
    const head = new HeadObjectCommand({ Bucket: 'files', Key: 'gated/nothing' });
    await expect(s3.client.send(get)).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(s3.client.send(head)).rejects.toMatchObject({ name: 'NotFound' });

    const authorizations = await s3.restartDenying(({ action }) => action === 's3:ListBucket');
    await expect(s3.client.send(get)).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(s3.client.send(head)).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
    expect(authorizations.find(({ action }) => action === 's3:ListBucket')).toMatchObject({
      resource: 'arn:aws:s3:::files',
      conditions: { 's3:prefix': 'gated/nothing' },
    });
  });

  test('a presigned GET requires permissions on the object and its KMS key, with the signature age as a condition key', async () => {
    const authorizations = await s3.restartDenying();
    s3.aheadSeconds = 5;
    const url = await getSignedUrl(s3.client, new GetObjectCommand({ Bucket: 'files', Key: KEY }));
    expect((await fetch(url)).status).toBe(200);
    const resource = `arn:aws:s3:::files/${KEY}`;
    expect(authorizations).toMatchObject([
      {
        accessKeyId: 'AKIDLOCAL',
        action: 's3:GetObject',
        resource,
        conditions: {
          's3:authType': 'REST-QUERY-STRING',
          'aws:SecureTransport': 'true',
          'aws:SourceIp': '127.0.0.1',
        },
      },
      {
        action: 'kms:Decrypt',
        resource: KMS_KEY_ARN,
        conditions: {
          'kms:ViaService': 's3.eu-west-1.amazonaws.com',
          'kms:EncryptionContext:aws:s3:arn': resource,
        },
      },
    ]);
    expect(authorizations[0]?.signatureAgeMs).toBeGreaterThanOrEqual(5000);
    expect(authorizations[0]?.conditions['s3:signatureAge']).toBe(String(authorizations[0]?.signatureAgeMs));
  });

  test('every operation requires the documented action', async () => {
    const [{ versionId = '' } = {}] = s3.created;
    const authorizations = await s3.restartDenying();
    const target = `/files/${encodeURIComponent(KEY).replace('(', '%28').replace(')', '%29').replaceAll('%2F', '/')}`;
    const requests: readonly [string, string, readonly string[]][] = [
      ['GET', '/', ['s3:ListAllMyBuckets']],
      ['HEAD', '/files', ['s3:ListBucket']],
      ['GET', '/files?list-type=2&prefix=a', ['s3:ListBucket']],
      ['GET', '/files?versions=', ['s3:ListBucketVersions']],
      ['GET', `${target}?versionId=${versionId}`, ['s3:GetObjectVersion', 'kms:Decrypt']],
      ['HEAD', target, ['s3:GetObject']],
      ['DELETE', target, ['s3:DeleteObject']],
      ['DELETE', `${target}?versionId=${versionId}`, ['s3:DeleteObjectVersion']],
      ['PUT', '/plain/a', ['s3:PutObject']],
      ['PUT', '/files/a', ['s3:PutObject', 'kms:GenerateDataKey']],
    ];
    for (const [method, path, actions] of requests) {
      authorizations.length = 0;
      const { status } = await s3.sendSigned({ method, target: path });
      expect([path, status < 300, authorizations.map(({ action }) => action)]).toEqual([path, true, actions]);
    }
    expect(authorizations[0]?.conditions).toMatchObject({
      's3:authType': 'REST-HEADER',
      's3:x-amz-content-sha256': EMPTY_SHA256,
    });
  });

  test('every step of a multipart upload requires the documented actions, including those on the KMS key', async () => {
    const authorizations = await s3.restartDenying();
    const resource = 'arn:aws:s3:::files/gated/parts';
    const actions = () => authorizations.splice(0).map((access) => [access.action, access.resource]);
    const upload = await SdkUpload.begin(s3.client, { Key: 'gated/parts' });
    expect(actions()).toEqual([
      ['s3:PutObject', resource],
      ['kms:GenerateDataKey', KMS_KEY_ARN],
    ]);
    const withKey = [
      ['s3:PutObject', resource],
      ['kms:Decrypt', KMS_KEY_ARN],
    ];
    const part = await upload.part(1, 'x');
    expect(actions()).toEqual(withKey);
    await s3.client.send(
      new UploadPartCopyCommand({
        ...upload.input,
        PartNumber: 2,
        CopySource: `files/${encodeURIComponent(KEY)}`,
      }),
    );
    expect(actions()).toEqual([
      ...withKey,
      ['s3:GetObject', `arn:aws:s3:::files/${KEY}`],
      ['kms:Decrypt', KMS_KEY_ARN],
    ]);
    await s3.client.send(new ListPartsCommand(upload.input));
    expect(actions()).toEqual([
      ['s3:ListMultipartUploadParts', resource],
      ['kms:Decrypt', KMS_KEY_ARN],
    ]);
    await upload.complete([withoutChecksums(part)]);
    expect(actions()).toEqual(withKey);
    const another = await SdkUpload.begin(s3.client, { Key: 'gated/parts' });
    actions();
    await s3.client.send(new AbortMultipartUploadCommand(another.input));
    expect(actions()).toEqual([['s3:AbortMultipartUpload', resource]]);
    await s3.client.send(new ListMultipartUploadsCommand({ Bucket: 'files' }));
    expect(actions()).toEqual([['s3:ListBucketMultipartUploads', 'arn:aws:s3:::files']]);
  });

  test('s3:ObjectCreationOperation indicates which s3:PutObject calls create an object', async () => {
    const authorizations = await s3.restartDenying();
    const upload = await SdkUpload.begin(s3.client, { Bucket: 'plain', Key: 'parts' });
    const part = await upload.part(1, 'x');
    const CopySource = `files/${encodeURIComponent(KEY)}`;
    await s3.client.send(new UploadPartCopyCommand({ ...upload.input, PartNumber: 2, CopySource }));
    await upload.complete([withoutChecksums(part)]);
    await s3.client.send(new CopyObjectCommand({ Bucket: 'plain', Key: 'copy', CopySource }));
    await s3.put({ Bucket: 'plain', Key: 'whole' });
    const puts = authorizations.filter(({ action }) => action === 's3:PutObject');
    expect(puts.map(({ conditions }) => conditions['s3:ObjectCreationOperation'])).toEqual([
      'false',
      'false',
      'false',
      'true',
      'true',
      'true',
    ]);
  });

  test('uploading a part and completing an upload require kms:Decrypt', async () => {
    const upload = await SdkUpload.begin(s3.client);
    const part = await upload.part(1, 'x');
    await s3.restartDenying(({ action }) => action === 'kms:Decrypt');
    const denied = { name: 'AccessDenied' };
    const resumed = upload.by(s3.client);
    await expect(resumed.part(2, 'x')).rejects.toMatchObject(denied);
    await expect(resumed.complete([withoutChecksums(part)])).rejects.toMatchObject(denied);
    await s3.client.send(new AbortMultipartUploadCommand(upload.input));
  });

  test('the authorization request for an upload includes the headers that are condition keys', async () => {
    const authorizations = await s3.restartDenying();
    await s3.client.send(
      new PutObjectCommand({
        Bucket: 'plain',
        Key: 'a',
        Body: 'x',
        ServerSideEncryption: 'aws:kms',
        SSEKMSKeyId: KMS_KEY_ARN,
        StorageClass: 'STANDARD_IA',
      }),
    );
    expect(authorizations.map(({ action, resource }) => [action, resource])).toEqual([
      ['s3:PutObject', 'arn:aws:s3:::plain/a'],
      ['kms:GenerateDataKey', KMS_KEY_ARN],
    ]);
    expect(authorizations[0]?.conditions).toMatchObject({
      's3:x-amz-server-side-encryption': 'aws:kms',
      's3:x-amz-server-side-encryption-aws-kms-key-id': KMS_KEY_ARN,
      's3:x-amz-storage-class': 'STANDARD_IA',
    });
  });

  test.each([
    ['s3:GetObject', 'GET', '/files/gated/a'],
    ['s3:GetObjectVersion', 'GET', '/files/gated/a?versionId=x'],
    ['s3:PutObject', 'PUT', '/files/gated/a'],
    ['kms:GenerateDataKey', 'PUT', '/files/gated/a'],
    ['s3:DeleteObject', 'DELETE', '/files/gated/a'],
    ['s3:DeleteObjectVersion', 'DELETE', '/files/gated/a?versionId=x'],
    ['s3:ListBucket', 'GET', '/files?list-type=2'],
    ['s3:ListBucketVersions', 'GET', '/files?versions='],
    ['s3:ListAllMyBuckets', 'GET', '/'],
    ['s3:PutObject', 'POST', '/files/gated/a?uploads='],
    ['kms:GenerateDataKey', 'POST', '/files/gated/a?uploads='],
    ['s3:PutObject', 'PUT', '/files/gated/a?partNumber=1&uploadId=x'],
    ['s3:PutObject', 'POST', '/files/gated/a?uploadId=x'],
    ['s3:AbortMultipartUpload', 'DELETE', '/files/gated/a?uploadId=x'],
    ['s3:ListMultipartUploadParts', 'GET', '/files/gated/a?uploadId=x'],
    ['s3:ListBucketMultipartUploads', 'GET', '/files?uploads='],
    ['s3:GetObjectTagging', 'GET', '/files/gated/a?tagging='],
    ['s3:GetObjectVersionTagging', 'GET', '/files/gated/a?tagging=&versionId=x'],
    ['s3:DeleteObjectTagging', 'DELETE', '/files/gated/a?tagging='],
    ['s3:DeleteObjectVersionTagging', 'DELETE', '/files/gated/a?tagging=&versionId=x'],
  ])('a caller without %s gets 403 for %s %s', async (action, method, target) => {
    await s3.restartDenying((access) => access.action === action);
    const response = await s3.sendSigned({ method, target });
    expect(verdict(response)).toEqual([403, 'AccessDenied']);
  });

  test('a GET, or a HEAD that requests checksums, requires kms:Decrypt, but a plain HEAD does not', async () => {
    await s3.restartDenying(({ action }) => action === 'kms:Decrypt');
    const input = { Bucket: 'files', Key: KEY };
    await expect(s3.client.send(new GetObjectCommand(input))).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(
      s3.client.send(new HeadObjectCommand({ ...input, ChecksumMode: 'ENABLED' })),
    ).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
    expect((await s3.client.send(new HeadObjectCommand(input))).ContentLength).toBe(CONTENT.length);
  });

  test('a copy requires permission to read its source', async () => {
    await s3.restartDenying(({ action }) => action === 's3:GetObject');
    const copy = new CopyObjectCommand({
      Bucket: 'plain',
      Key: 'b',
      CopySource: `files/${encodeURIComponent(KEY)}`,
    });
    await expect(s3.client.send(copy)).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});
