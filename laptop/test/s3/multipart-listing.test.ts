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

  test('uploads are listed in pages, ordered by key and then by age', async () => {
    const uploads: SdkUpload[] = [];
    for (const Key of ['b', 'a', 'b', 'c/ü&']) {
      uploads.push(await SdkUpload.begin(s3.client, { Key }));
      s3.aheadSeconds += 1;
    }
    const ids = [1, 0, 2, 3].map((at) => uploads[at]?.uploadId);
    const found: (string | undefined)[] = [];
    let next: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined = {};
    while (next !== undefined) {
      const page = await list({ ...next, MaxUploads: 1 });
      found.push(...(page.Uploads ?? []).map(({ UploadId }) => UploadId));
      next = page.IsTruncated
        ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
        : undefined;
    }
    expect(found).toEqual(ids);
    const { Uploads } = await list({ KeyMarker: 'a' });
    expect(Uploads?.map(({ Key }) => Key)).toEqual(['b', 'b', 'c/ü&']);
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

  test('a listing of uploads can be limited to a prefix and grouped by a delimiter', async () => {
    for (const Key of ['gated/a', 'gated/x/1', 'gated/x/2', 'other'])
      await SdkUpload.begin(s3.client, { Key });
    const page = await list({ Prefix: 'gated/', Delimiter: '/' });
    expect(page.Uploads?.map(({ Key }) => Key)).toEqual(['gated/a']);
    expect(page.CommonPrefixes).toEqual([{ Prefix: 'gated/x/' }]);
  });

  test('a completed upload is no longer listed', async () => {
    const upload = await SdkUpload.begin(s3.client, { ChecksumAlgorithm: 'CRC32' });
    expect((await list()).Uploads).toMatchObject([
      { Key: 'a', StorageClass: 'STANDARD', ChecksumAlgorithm: 'CRC32', ChecksumType: 'COMPOSITE' },
    ]);
    await upload.complete([await upload.part(1, 'x')]);
    expect((await list()).Uploads).toBeUndefined();
  });
});
