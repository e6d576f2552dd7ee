import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AbortMultipartUploadCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { EMPTY_SHA256, KMS_KEY_ARN, localS3, verdict } from '../support/local-s3.ts';
import { MIN_PART, PARTS, SdkUpload, WHOLE, withoutChecksums } from '../support/multipart.ts';

const md5 = (bytes: Buffer | string): Buffer => createHash('md5').update(bytes).digest();

const s3 = localS3();

const keys = async (): Promise<readonly (string | undefined)[]> => {
  const { Contents = [] } = await s3.client.send(new ListObjectsV2Command({ Bucket: 'files' }));
  return Contents.map(({ Key }) => Key);
};

describe('multipart uploads', () => {
  test('an upload becomes one object, regardless of the order in which its parts arrive', async () => {
    const upload = await SdkUpload.begin(s3.client);
    const second = await upload.part(2, PARTS[1]);
    const first = await upload.part(1, PARTS[0]);
    const done = await upload.complete([first, second].map(withoutChecksums));
    expect(done).toMatchObject({ Bucket: 'files', Key: 'a', Location: `${s3.service.url}/files/a` });
    expect((await s3.readBytes('a')).equals(WHOLE)).toBe(true);
    expect(s3.created).toMatchObject([
      {
        reason: 'CompleteMultipartUpload',
        key: 'a',
        size: WHOLE.length,
        versionId: done.VersionId,
        etag: done.ETag?.replaceAll('"', ''),
      },
    ]);
    expect(s3.traces()).toHaveLength(1);
  });

  test("the ETag of a multipart object is the MD5 of its parts' MD5s, followed by the number of parts", async () => {
    const upload = await SdkUpload.begin(s3.client, { Bucket: 'plain' });
    const parts = [await upload.part(1, PARTS[0]), await upload.part(2, PARTS[1])];
    expect(parts.map(({ ETag }) => ETag)).toEqual(PARTS.map((part) => `"${md5(part).toString('hex')}"`));
    const wanted = `"${md5(Buffer.concat(PARTS.map(md5))).toString('hex')}-2"`;
    const done = await upload.complete(parts.map(withoutChecksums));
    expect([done.ETag, done.VersionId]).toEqual([wanted, undefined]);
    const head = await s3.client.send(new HeadObjectCommand({ Bucket: 'plain', Key: 'a' }));
    expect(head.ETag).toBe(wanted);
  });

  test('the ETag of a multipart object that is encrypted with KMS is not an MD5, but ends with the number of parts', async () => {
    const upload = await SdkUpload.begin(s3.client);
    const put = new UploadPartCommand({ ...upload.input, PartNumber: 1, Body: 'x' });
    const part = { PartNumber: 1, ...(await s3.client.send(put)) };
    expect(part.ETag).not.toContain(md5('x').toString('hex'));
    expect(part.SSEKMSKeyId).toBe(KMS_KEY_ARN);
    const { ETag, SSEKMSKeyId } = await upload.complete([withoutChecksums(part)]);
    expect(ETag).toMatch(/^"[0-9a-f]{32}-1"$/);
    expect(ETag).not.toContain(md5(md5('x')).toString('hex'));
    expect(SSEKMSKeyId).toBe(KMS_KEY_ARN);
  });

  test('a multipart object has the metadata, storage class, and encryption of its upload', async () => {
    const upload = await SdkUpload.begin(s3.client, {
      Bucket: 'plain',
      ContentType: 'application/pdf',
      Metadata: { owner: 'me' },
      StorageClass: 'STANDARD_IA',
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: KMS_KEY_ARN,
    });
    await upload.complete([withoutChecksums(await upload.part(1, 'x'))]);
    expect(await s3.client.send(new HeadObjectCommand({ Bucket: 'plain', Key: 'a' }))).toMatchObject({
      ContentType: 'application/pdf',
      Metadata: { owner: 'me' },
      StorageClass: 'STANDARD_IA',
      SSEKMSKeyId: KMS_KEY_ARN,
    });
  });

  test('an object consists of the latest version of each listed part', async () => {
    const upload = await SdkUpload.begin(s3.client);
    await upload.part(1, 'earlier');
    const later = await upload.part(1, 'later');
    await upload.part(2, 'not listed');
    await upload.complete([withoutChecksums(later)]);
    expect(await s3.read('a')).toBe('later');
    expect(s3.traces()).toHaveLength(1);
  });

  test('a range of a multipart object can be within a part or span several parts', async () => {
    const upload = await SdkUpload.begin(s3.client);
    await upload.complete(
      [await upload.part(1, PARTS[0]), await upload.part(2, PARTS[1])].map(withoutChecksums),
    );
    for (const [start, end] of [
      [MIN_PART - 2, MIN_PART + 2],
      [MIN_PART, MIN_PART],
      [MIN_PART - 1, MIN_PART - 1],
      [0, WHOLE.length - 1],
    ] as const) {
      const bytes = await s3.readBytes('a', { Range: `bytes=${start}-${end}` });
      expect(bytes.equals(WHOLE.subarray(start, end + 1))).toBe(true);
    }
  });

  test('part numbers can have gaps if the upload requested no checksums', async () => {
    const upload = await SdkUpload.begin(s3.client);
    const parts = [await upload.part(7, PARTS[0]), await upload.part(10_000, PARTS[1])];
    await upload.complete(parts.map(withoutChecksums));
    expect((await s3.readBytes('a')).equals(WHOLE)).toBe(true);
  });

  test('an upload is not visible as an object before it is completed or after it is aborted', async () => {
    const upload = await SdkUpload.begin(s3.client);
    const part = await upload.part(1, 'x');
    expect(await keys()).toEqual([]);
    await s3.client.send(new AbortMultipartUploadCommand(upload.input));
    expect(await keys()).toEqual([]);
    expect(s3.traces()).toEqual([]);
    const gone = { name: 'NoSuchUpload', $metadata: { httpStatusCode: 404 } };
    await expect(upload.part(2, 'x')).rejects.toMatchObject(gone);
    await expect(upload.complete([withoutChecksums(part)])).rejects.toMatchObject(gone);
    await expect(s3.client.send(new AbortMultipartUploadCommand(upload.input))).rejects.toMatchObject(gone);
    await expect(s3.client.send(new ListPartsCommand(upload.input))).rejects.toMatchObject(gone);
  });

  test('an upload cannot be used with another key or bucket', async () => {
    const upload = await SdkUpload.begin(s3.client);
    for (const other of [{ Key: 'b' }, { Bucket: 'plain' }]) {
      await expect(upload.part(1, 'x', other)).rejects.toMatchObject({ name: 'NoSuchUpload' });
    }
  });

  test('an upload and its parts survive a restart, but incomplete files do not', async () => {
    const upload = await SdkUpload.begin(s3.client);
    const first = await upload.part(1, PARTS[0]);
    await s3.stop();
    const uploads = join(s3.dataDir, 'buckets', 'files', 'uploads');
    const [folder = ''] = readdirSync(uploads);
    writeFileSync(join(uploads, folder, 'orphan.data'), 'x');
    writeFileSync(join(uploads, folder, '2.json.1.new'), '{');
    await s3.start();
    expect(readdirSync(join(uploads, folder))).toHaveLength(3);

    const { Parts } = await s3.client.send(new ListPartsCommand(upload.input));
    expect(Parts).toMatchObject([{ PartNumber: 1, ETag: first.ETag, Size: MIN_PART }]);
    const resumed = upload.by(s3.client);
    await resumed.complete([first, await resumed.part(2, PARTS[1])].map(withoutChecksums));
    expect((await s3.readBytes('a')).equals(WHOLE)).toBe(true);
  });

  test('an upload without a record is removed at the next start', async () => {
    await SdkUpload.begin(s3.client);
    await s3.stop();
    const uploads = join(s3.dataDir, 'buckets', 'files', 'uploads');
    const [folder = ''] = readdirSync(uploads);
    rmSync(join(uploads, folder, 'upload.json'));
    await s3.start();
    expect(s3.traces()).toEqual([]);
  });

  test('exactly one of many concurrent completions of an upload succeeds', async () => {
    const upload = await SdkUpload.begin(s3.client);
    const parts = [await upload.part(1, PARTS[0]), await upload.part(2, PARTS[1])].map(withoutChecksums);
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => upload.complete(parts)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ name: 'NoSuchUpload' });
    }
    expect(s3.created).toHaveLength(1);
    expect(s3.traces()).toHaveLength(1);
  });

  test('an object stays consistent if its upload is aborted and its parts are replaced during completion', async () => {
    const upload = await SdkUpload.begin(s3.client);
    const parts = [await upload.part(1, PARTS[0]), await upload.part(2, PARTS[1])].map(withoutChecksums);
    const completing = upload.complete(parts);
    const others = Promise.allSettled([
      upload.part(1, randomBytes(MIN_PART)),
      s3.client.send(new AbortMultipartUploadCommand(upload.input)),
    ]);
    const [done] = await Promise.allSettled([completing]);
    await others;
    if (done.status === 'fulfilled') expect((await s3.readBytes('a')).equals(WHOLE)).toBe(true);
    else expect(['NoSuchUpload', 'InvalidPart']).toContain((done.reason as Error).name);
    expect(readdirSync(join(s3.dataDir, 'unfinished'))).toEqual([]);
  });

  test('a part whose client disconnects leaves no files behind', async () => {
    const upload = await SdkUpload.begin(s3.client);
    const { target, headers = {} } = await s3.signed({
      method: 'PUT',
      target: `/files/a?partNumber=1&uploadId=${upload.uploadId}`,
      headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', 'content-length': String(MIN_PART) },
    });
    const half = new ReadableStream({
      start: (controller) => {
        controller.enqueue(PARTS[0].subarray(0, MIN_PART / 2));
        controller.error(new Error('gone'));
      },
    });
    const { host: _, ...sent } = headers;
    const put = { method: 'PUT', headers: sent, body: half, duplex: 'half' } as const;
    await expect(fetch(`${s3.service.url}${target}`, put)).rejects.toThrow();
    const { Parts } = await s3.client.send(new ListPartsCommand(upload.input));
    expect(Parts).toBeUndefined();
    await s3.stop();
    expect(readdirSync(join(s3.dataDir, 'unfinished'))).toEqual([]);
    await s3.start();
  });

  test('a part with an invalid number is rejected', async () => {
    const upload = await SdkUpload.begin(s3.client);
    for (const number of ['0', '10001', 'x', '']) {
      const target = `/files/a?partNumber=${number}&uploadId=${upload.uploadId}`;
      const response = await s3.sendSigned({ method: 'PUT', target });
      expect([number, ...verdict(response)]).toEqual([number, 400, 'InvalidArgument']);
    }
  });

  test('a part that does not match its SHA-256 or MD5 is rejected and not stored', async () => {
    const upload = await SdkUpload.begin(s3.client);
    const target = `/files/a?partNumber=1&uploadId=${upload.uploadId}`;
    const headers = { 'x-amz-content-sha256': EMPTY_SHA256 };
    const other = await s3.sendSigned({ method: 'PUT', target, headers, body: 'x' });
    expect(verdict(other)).toEqual([400, 'XAmzContentSHA256Mismatch']);
    const digest = await s3.sendSigned({
      method: 'PUT',
      target,
      headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', 'content-md5': md5('y').toString('base64') },
      body: 'x',
    });
    expect(verdict(digest)).toEqual([400, 'BadDigest']);
    await s3.client.send(new AbortMultipartUploadCommand(upload.input));
    expect(s3.traces()).toEqual([]);
  });
});
