import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { mock } from 'node:test';
import { AbortMultipartUploadCommand, UploadPartCopyCommand } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ALLOWED } from '../../src/access.ts';
import { localS3 } from '../support/local-s3.ts';
import { SdkUpload, withoutChecksums } from '../support/multipart.ts';

const s3 = localS3();

afterEach(() => {
  mock.restoreAll();
});

const abort = (upload: SdkUpload) => s3.client.send(new AbortMultipartUploadCommand(upload.input));
const uploadsFolder = () => join(s3.dataDir, 'buckets', 'files', 'uploads');
const filesOf = ({ uploadId }: SdkUpload) => readdirSync(join(uploadsFolder(), uploadId));

/** Restarts S3 with an authorizer that allows every call, and runs `first` just before it first allows `action`. */
async function restartWith(action: string, first: () => Promise<unknown>): Promise<void> {
  let done = false;
  await s3.stop();
  await s3.start({
    authorize: async (access) => {
      if (access.action === action && !done) {
        done = true;
        await first();
      }
      return ALLOWED;
    },
  });
}

describe('a multipart upload', () => {
  test('a disk error during a completion leaves no files behind, and the upload can continue', async () => {
    const defects = mock.method(console, 'error', () => undefined);
    const upload = await SdkUpload.begin(s3.client);
    const part = withoutChecksums(await upload.part(1, 'lost'));
    const [data = ''] = filesOf(upload).filter((file) => file.endsWith('.data'));
    rmSync(join(uploadsFolder(), upload.uploadId, data));
    await expect(upload.complete([part])).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
    expect(defects.mock.callCount()).toBe(1);
    expect(s3.traces()).toEqual([upload.uploadId]);
    const next = withoutChecksums(await upload.part(2, 'sent again'));
    await upload.complete([next]);
    expect(await s3.read('a')).toBe('sent again');
  });

  test('the file of a part is removed when the part is replaced', async () => {
    const upload = await SdkUpload.begin(s3.client);
    for (const body of ['first', 'second', 'third']) await upload.part(1, body);
    expect(filesOf(upload)).toHaveLength(3);
    expect(filesOf(upload)).toEqual(expect.arrayContaining(['upload.json', '1.json']));
  });
});

describe('parts during concurrent changes and disk errors', () => {
  test('a part that arrives after its upload was aborted is rejected and not stored', async () => {
    const upload = await SdkUpload.begin(s3.client);
    const body = 'late';
    const { target, headers } = await s3.signed({
      method: 'PUT',
      target: `/files/a?partNumber=1&uploadId=${upload.uploadId}`,
      headers: {
        'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
        'content-length': String(body.length),
        expect: '100-continue',
      },
    });
    const { hostname, port } = new URL(s3.service.url);
    const options = { hostname, port, method: 'PUT', path: target, headers: { ...headers }, agent: false };
    const request = httpRequest(options);
    request.flushHeaders();
    // Wait until S3 has found the upload and is waiting for the bytes.
    await once(request, 'continue');
    await abort(upload);
    request.end(body);
    const [response] = await once(request, 'response');
    const parts: Buffer[] = await response.toArray();
    expect(response.statusCode).toBe(404);
    expect(Buffer.concat(parts).toString()).toContain('<Code>NoSuchUpload</Code>');
    expect(s3.traces()).toEqual([]);
  });

  test('a copied part is rejected and not stored if its upload is aborted during authorization', async () => {
    const { VersionId } = await s3.put({ Key: 'source', Bucket: 'plain' });
    expect(VersionId).toBeUndefined();
    let upload: SdkUpload | undefined;
    await restartWith('s3:GetObject', async () => upload && abort(upload));
    upload = await SdkUpload.begin(s3.client);
    const copy = new UploadPartCopyCommand({ ...upload.input, PartNumber: 1, CopySource: 'plain/source' });
    await expect(s3.client.send(copy)).rejects.toMatchObject({ name: 'NoSuchUpload' });
    expect(s3.traces()).toEqual([]);
  });

  test.each([
    ['s3:GetObject', 'plain'],
    ['kms:Decrypt', 'files'],
  ])(
    'a copied part has the latest bytes if its source is replaced while %s is being authorized (bucket: %s)',
    async (action, Bucket) => {
      await restartWith(action, () => s3.put({ Bucket, Key: 'source', Body: 'replaced meanwhile' }));
      await s3.put({ Bucket, Key: 'source', Body: 'earlier' });
      const upload = await SdkUpload.begin(s3.client, { Bucket: 'plain' });
      const input = { ...upload.input, PartNumber: 1, CopySource: `${Bucket}/source` };
      const { CopyPartResult } = await s3.client.send(new UploadPartCopyCommand(input));
      await upload.complete([{ PartNumber: 1, ETag: CopyPartResult?.ETag }]);
      expect(await s3.read('a', { Bucket: 'plain' })).toBe('replaced meanwhile');
    },
  );

  test('a copied part leaves no files behind if reading its source fails', async () => {
    const defects = mock.method(console, 'error', () => undefined);
    await s3.put({ Bucket: 'plain', Key: 'source' });
    const objects = join(s3.dataDir, 'buckets', 'plain', 'objects');
    const files = readdirSync(objects, { recursive: true, withFileTypes: true });
    const data = files.find((file) => file.isFile() && !file.name.endsWith('.json'));
    const path = join(data?.parentPath ?? '', data?.name ?? '');
    // A folder in place of the file can be opened, but not read.
    rmSync(path);
    mkdirSync(path);
    const upload = await SdkUpload.begin(s3.client);
    const copy = new UploadPartCopyCommand({ ...upload.input, PartNumber: 1, CopySource: 'plain/source' });
    await expect(s3.client.send(copy)).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
    expect(defects.mock.callCount()).toBe(1);
    expect(s3.traces()).toEqual([upload.uploadId]);
    expect(filesOf(upload)).toEqual(['upload.json']);
  });
});
