import { ListMultipartUploadsCommand, ListPartsCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { localS3, verdict } from '../support/local-s3.ts';
import { SdkUpload } from '../support/multipart.ts';

const s3 = localS3();

describe('ListParts', () => {
  test('parts are listed in pages, ordered by number', async () => {
    const upload = await SdkUpload.begin(s3.client, { StorageClass: 'STANDARD_IA' });
    for (const number of [10, 2, 1]) await upload.part(number, 'x'.repeat(number));
    const list = (input: object) => s3.client.send(new ListPartsCommand({ ...upload.input, ...input }));
    const first = await list({ MaxParts: 2 });
    expect(first).toMatchObject({
      ...upload.input,
      StorageClass: 'STANDARD_IA',
      IsTruncated: true,
      NextPartNumberMarker: '2',
      MaxParts: 2,
      Parts: [
        { PartNumber: 1, Size: 1 },
        { PartNumber: 2, Size: 2 },
      ],
    });
    const second = await list({ MaxParts: 2, PartNumberMarker: first.NextPartNumberMarker });
    expect(second).toMatchObject({ IsTruncated: false, Parts: [{ PartNumber: 10, Size: 10 }] });
    expect((await list({})).Parts).toHaveLength(3);
  });

  test('a listing of parts with an invalid marker or limit is rejected', async () => {
    const { uploadId } = await SdkUpload.begin(s3.client);
    for (const wrong of ['max-parts=x', 'part-number-marker=x', 'max-parts=-1']) {
      const response = await s3.sendSigned({
        method: 'GET',
        target: `/files/a?uploadId=${uploadId}&${wrong}`,
      });
      expect(verdict(response)).toEqual([400, 'InvalidArgument']);
    }
  });
});

describe('ListMultipartUploads', () => {
  const list = (input: object = {}) =>
    s3.client.send(new ListMultipartUploadsCommand({ Bucket: 'files', ...input }));

  test('uploads with a prefix are listed in the order of their keys', async () => {
    for (const Key of ['gated/b', 'gated/a/ü&', 'other', 'gated/a'])
      await SdkUpload.begin(s3.client, { Key });
    const { Uploads = [], IsTruncated } = await list({ Prefix: 'gated/', EncodingType: 'url' });
    expect(IsTruncated).toBe(false);
    expect(Uploads.map(({ Key = '' }) => decodeURIComponent(Key))).toEqual([
      'gated/a',
      'gated/a/ü&',
      'gated/b',
    ]);
  });

  test('uploads with the same key are listed by age, not by ID', async () => {
    const ids: string[] = [];
    for (let age = 0; age < 8; age += 1) {
      ids.push((await SdkUpload.begin(s3.client)).uploadId);
      s3.aheadSeconds += 1;
    }
    expect((await list()).Uploads?.map(({ UploadId }) => UploadId)).toEqual(ids);
    await s3.stop();
    await s3.start();
    expect((await list()).Uploads?.map(({ UploadId }) => UploadId)).toEqual(ids);
  });

  test.each(['delimiter=/', 'key-marker=a', 'max-uploads=1', 'upload-id-marker=x'])(
    'a listing of uploads with %s gets 501',
    async (parameter) => {
      const response = await s3.sendSigned({ method: 'GET', target: `/files?uploads=&${parameter}` });
      expect(verdict(response)).toEqual([501, 'NotImplemented']);
    },
  );

  test('a completed upload is no longer listed', async () => {
    const upload = await SdkUpload.begin(s3.client, { ChecksumAlgorithm: 'CRC32' });
    expect((await list()).Uploads).toMatchObject([
      { Key: 'a', StorageClass: 'STANDARD', ChecksumAlgorithm: 'CRC32', ChecksumType: 'COMPOSITE' },
    ]);
    await upload.complete([await upload.part(1, 'x')]);
    expect((await list()).Uploads).toBeUndefined();
  });
});
