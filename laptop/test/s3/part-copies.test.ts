import { GetObjectCommand, HeadObjectCommand, UploadPartCopyCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { localS3, verdict } from '../support/local-s3.ts';
import { MIN_PART, PARTS, SdkUpload, WHOLE, withoutChecksums } from '../support/multipart.ts';

const s3 = localS3();

describe('UploadPartCopy', () => {
  const copy = (
    upload: SdkUpload,
    input: { PartNumber: number; CopySource: string; CopySourceRange?: string },
  ) => s3.client.send(new UploadPartCopyCommand({ ...upload.input, ...input }));

  test('a copied part has all bytes of its source, or a range of them', async () => {
    const { VersionId } = await s3.put({ Key: 'source é', Body: WHOLE });
    const upload = await SdkUpload.begin(s3.client, { Bucket: 'plain', ChecksumAlgorithm: 'CRC32' });
    const CopySource = `files/source%20%C3%A9?versionId=${VersionId}`;
    const parts = [];
    for (const [PartNumber, range] of [
      [1, undefined],
      [2, 'bytes=1-4'],
    ] as const) {
      const input = { PartNumber, CopySource, ...(range && { CopySourceRange: range }) };
      const { CopyPartResult, CopySourceVersionId } = await copy(upload, input);
      expect(CopySourceVersionId).toBe(VersionId);
      parts.push({ PartNumber, ETag: CopyPartResult?.ETag, ChecksumCRC32: CopyPartResult?.ChecksumCRC32 });
    }
    await upload.complete(parts);
    const bytes = await s3.readBytes('a', { Bucket: 'plain' });
    expect(bytes.equals(Buffer.concat([WHOLE, WHOLE.subarray(1, 5)]))).toBe(true);
  });

  test.each([
    ['bytes=0-7', 'InvalidArgument'],
    ['bytes=3-1', 'InvalidArgument'],
    ['bytes=-3', 'InvalidArgument'],
    ['0-3', 'InvalidArgument'],
  ])('a copied part with the range %s of a 7-byte source is rejected', async (CopySourceRange, name) => {
    await s3.put({ Key: 'source' });
    const upload = await SdkUpload.begin(s3.client);
    const refused = copy(upload, { PartNumber: 1, CopySource: 'files/source', CopySourceRange });
    await expect(refused).rejects.toMatchObject({ name });
  });

  test('a copied part is rejected if its source is missing or a precondition on the source fails', async () => {
    await s3.put({ Key: 'source' });
    const upload = await SdkUpload.begin(s3.client);
    const missing = copy(upload, { PartNumber: 1, CopySource: 'files/nothing' });
    await expect(missing).rejects.toMatchObject({ name: 'NoSuchKey' });
    const other = new UploadPartCopyCommand({
      ...upload.input,
      PartNumber: 1,
      CopySource: 'files/source',
      CopySourceIfMatch: '"another"',
    });
    await expect(s3.client.send(other)).rejects.toMatchObject({ name: 'PreconditionFailed' });
  });

  test('the checksum of a copied part is returned only if the upload requested one', async () => {
    await s3.put({ Key: 'source' });
    const input = { PartNumber: 1, CopySource: 'files/source' };
    const resultOf = async (ChecksumAlgorithm?: 'SHA256') => {
      const { CopyPartResult = {} } = await copy(
        await SdkUpload.begin(s3.client, { ChecksumAlgorithm }),
        input,
      );
      return Object.keys(CopyPartResult).sort();
    };
    expect(await resultOf()).toEqual(['ETag', 'LastModified']);
    expect(await resultOf('SHA256')).toEqual(['ChecksumSHA256', 'ETag', 'LastModified']);
  });

  test.each([
    'x-amz-server-side-encryption-customer-key',
    'x-amz-copy-source-server-side-encryption-customer-key',
  ])('a copied part with a customer-provided encryption key (%s) gets 501', async (header) => {
    await s3.put({ Key: 'source' });
    const { uploadId } = await SdkUpload.begin(s3.client);
    const response = await s3.sendSigned({
      method: 'PUT',
      target: `/files/a?partNumber=1&uploadId=${uploadId}`,
      headers: { 'x-amz-copy-source': 'files/source', [header]: 'x' },
    });
    expect(verdict(response)).toEqual([501, 'NotImplemented']);
  });
});

describe('GetObject with a part number', () => {
  const get = async (PartNumber: number, Key = 'a') => {
    const { Body, ...facts } = await s3.client.send(
      new GetObjectCommand({ Bucket: 'files', Key, PartNumber, ChecksumMode: 'ENABLED' }),
    );
    return { ...facts, bytes: Buffer.from((await Body?.transformToByteArray()) ?? []) };
  };

  test("a part can be read by number, and has a checksum if the object's checksum is composite", async () => {
    const upload = await SdkUpload.begin(s3.client, { ChecksumAlgorithm: 'CRC32' });
    const parts = [await upload.part(1, PARTS[0]), await upload.part(2, PARTS[1])];
    await upload.complete(parts);
    for (const [index, bytes] of PARTS.entries()) {
      const part = await get(index + 1);
      expect(part).toMatchObject({
        PartsCount: 2,
        ContentLength: bytes.length,
        ChecksumCRC32: parts[index]?.ChecksumCRC32,
        ChecksumType: 'COMPOSITE',
      });
      expect(part.bytes.equals(bytes)).toBe(true);
    }
    const { ContentRange, $metadata } = await get(2);
    expect(ContentRange).toBe(`bytes ${MIN_PART}-${WHOLE.length - 1}/${WHOLE.length}`);
    expect($metadata.httpStatusCode).toBe(206);
    const head = new HeadObjectCommand({ Bucket: 'files', Key: 'a', PartNumber: 1 });
    expect(await s3.client.send(head)).toMatchObject({ PartsCount: 2, ContentLength: MIN_PART });
  });

  test('a part is returned without a checksum if the object has a full-object checksum', async () => {
    const upload = await SdkUpload.begin(s3.client);
    await upload.complete(
      [await upload.part(1, PARTS[0]), await upload.part(2, PARTS[1])].map(withoutChecksums),
    );
    const part = await get(1);
    expect(part.ChecksumType).toBeUndefined();
    expect(part.bytes.equals(PARTS[0])).toBe(true);
  });

  test('part 1 of an object that was not uploaded in parts is the whole object', async () => {
    await s3.put({ Key: 'one' });
    const part = await get(1, 'one');
    expect(part).toMatchObject({ ContentRange: 'bytes 0-6/7', ChecksumType: 'FULL_OBJECT' });
    expect(part.PartsCount).toBeUndefined();
    expect(part.bytes.toString()).toBe('content');
    await s3.put({ Key: 'empty', Body: '', ContentLength: 0 });
    expect((await get(1, 'empty')).bytes).toHaveLength(0);
  });

  test.each([
    ['2', 416, 'InvalidPartNumber'],
    ['0', 400, 'InvalidArgument'],
    ['x', 400, 'InvalidArgument'],
  ])(
    'the part number %s of an object that was not uploaded in parts is rejected',
    async (number, status, code) => {
      await s3.put({ Key: 'one' });
      const response = await s3.sendSigned({ method: 'GET', target: `/files/one?partNumber=${number}` });
      expect(verdict(response)).toEqual([status, code]);
    },
  );

  test('a part number together with a range is rejected', async () => {
    await s3.put({ Key: 'one' });
    const headers = { range: 'bytes=0-1' };
    const response = await s3.sendSigned({ method: 'GET', target: '/files/one?partNumber=1', headers });
    expect(verdict(response)).toEqual([400, 'InvalidRequest']);
  });
});
