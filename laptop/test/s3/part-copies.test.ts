import { UploadPartCopyCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { localS3, verdict } from '../support/local-s3.ts';
import { SdkUpload, WHOLE } from '../support/multipart.ts';

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
