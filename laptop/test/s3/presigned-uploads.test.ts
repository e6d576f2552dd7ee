import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { KMS_KEY_ARN, localS3, type PlainResponse, verdict } from '../support/local-s3.ts';
import { SdkUpload, withoutChecksums } from '../support/multipart.ts';

const CONTENT = '123456789';
const SHA256 = createHash('sha256').update(CONTENT).digest('base64');
/** The checksum of `CONTENT`, which is the check value in the CRC catalog. */
const CRC64NVME = 'rosUhgp5mIg=';

/** The headers that an uploader must send. */
const HEADERS = {
  'content-length': '9',
  'content-type': 'application/pdf',
  'if-none-match': '*',
  'x-amz-checksum-sha256': SHA256,
  'x-amz-server-side-encryption': 'aws:kms',
  'x-amz-server-side-encryption-aws-kms-key-id': KMS_KEY_ARN,
};
type Name = keyof typeof HEADERS;
const NAMES = Object.keys(HEADERS) as Name[];

const s3 = localS3();

beforeEach(() => {
  // By default, the SDK presigns the checksum of an empty body.
  s3.client.config.requestChecksumCalculation = async () => 'WHEN_REQUIRED';
});

/** Presigns a command for 120 seconds, with headers that the client must send. Returns the request target. */
async function presigned(command: PutObjectCommand | UploadPartCommand, names: readonly string[]) {
  const signed = new Set(names);
  const options = { expiresIn: 120, signableHeaders: signed, unhoistableHeaders: signed };
  // The SDK's types accept either command, but not a union of both.
  const url =
    command instanceof PutObjectCommand
      ? await getSignedUrl(s3.client, command, options)
      : await getSignedUrl(s3.client, command, options);
  return url.slice(s3.service.url.length);
}

const presignedPut = (): Promise<string> =>
  presigned(
    new PutObjectCommand({
      Bucket: 'files',
      Key: 'a',
      ContentLength: 9,
      ContentType: 'application/pdf',
      IfNoneMatch: '*',
      ChecksumSHA256: SHA256,
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: KMS_KEY_ARN,
    }),
    NAMES,
  );

const put = (
  target: string,
  headers: Record<string, string>,
  body: string | Buffer = CONTENT,
): Promise<PlainResponse> => s3.send({ method: 'PUT', target, headers, body });

describe('a presigned PUT', () => {
  test('creates the object only once', async () => {
    const target = await presignedPut();
    expect((await put(target, HEADERS)).status).toBe(200);
    expect(await s3.read('a')).toBe(CONTENT);
    expect(verdict(await put(target, HEADERS))).toEqual([412, 'PreconditionFailed']);
    expect(s3.created).toHaveLength(1);
  });

  test('creates the object only once if two clients use it at the same time', async () => {
    const target = await presignedPut();
    const responses = await Promise.all([put(target, HEADERS), put(target, HEADERS)]);
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect(s3.created).toHaveLength(1);
  });

  test.each<[Name, string]>([
    ['content-length', '10'],
    ['content-type', 'text/html'],
    ['if-none-match', '"etag"'],
    ['x-amz-checksum-sha256', createHash('sha256').update('other').digest('base64')],
    ['x-amz-server-side-encryption', 'AES256'],
    ['x-amz-server-side-encryption-aws-kms-key-id', `${KMS_KEY_ARN}-of-another`],
  ])('is rejected if its signed header %s is missing or different', async (name, other) => {
    const target = await presignedPut();
    const { [name]: _, ...without } = HEADERS;
    const unframed = name === 'content-length' ? { 'transfer-encoding': 'chunked' } : {};
    const different = name === 'content-length' ? `${CONTENT}0` : CONTENT;
    for (const response of [
      await put(target, { ...without, ...unframed }),
      await put(target, { ...HEADERS, [name]: other }, different),
    ]) {
      expect(verdict(response)).toEqual([403, 'SignatureDoesNotMatch']);
    }
    expect([s3.traces(), s3.created]).toEqual([[], []]);
  });

  test('is rejected if a header was not signed', async () => {
    const response = await put(await presignedPut(), { ...HEADERS, 'x-amz-tagging': 'scan=clean' });
    expect(verdict(response)).toEqual([403, 'AccessDenied']);
    expect(s3.traces()).toEqual([]);
  });

  test('is rejected if the body has the signed length but not the signed checksum', async () => {
    expect(verdict(await put(await presignedPut(), HEADERS, '12345678x'))).toEqual([400, 'BadDigest']);
    expect([s3.traces(), s3.created]).toEqual([[], []]);
  });

  test('is rejected after it has expired', async () => {
    const target = await presignedPut();
    s3.aheadSeconds = 121;
    const response = await put(target, HEADERS);
    expect(verdict(response)).toEqual([403, 'AccessDenied']);
    expect(response.text).toContain('Request has expired');
    expect(s3.traces()).toEqual([]);
  });

  test('leaves nothing behind if its connection breaks, and can be sent again', async () => {
    const target = await presignedPut();
    const { host, hostname, port } = new URL(s3.service.url);
    const socket = connect(Number(port), hostname);
    const lines = Object.entries({ host, ...HEADERS, expect: '100-continue' });
    socket.write(
      `PUT ${target} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
    );
    await once(socket, 'data');
    socket.end(CONTENT.slice(0, 5));
    await once(socket, 'close');
    await s3.stop();
    expect([s3.traces(), s3.created]).toEqual([[], []]);
    await s3.start();
    expect((await put(target, { ...HEADERS, host })).status).toBe(200);
  });
});

describe('a presigned UploadPart', () => {
  test.each([
    ['x-amz-checksum-crc64nvme', { ChecksumCRC64NVME: CRC64NVME }, CRC64NVME],
    ['x-amz-checksum-sha256', { ChecksumSHA256: SHA256 }, SHA256],
  ])('is rejected unless its length and %s match the signed values', async (name, checksum, value) => {
    const ChecksumAlgorithm = name === 'x-amz-checksum-sha256' ? 'SHA256' : 'CRC64NVME';
    const upload = await SdkUpload.begin(s3.client, { ChecksumAlgorithm });
    const command = new UploadPartCommand({ ...upload.input, PartNumber: 1, ContentLength: 9, ...checksum });
    const target = await presigned(command, ['content-length', name]);
    const headers = { [name]: value };
    expect(verdict(await put(target, headers, '12345678x'))).toEqual([400, 'BadDigest']);
    for (const response of [await put(target, headers, `${CONTENT}0`), await put(target, {})]) {
      expect(verdict(response)).toEqual([403, 'SignatureDoesNotMatch']);
    }
    const accepted = await put(target, headers);
    expect([accepted.status, accepted.headers[name]]).toEqual([200, value]);
    // Unlike an object, a part can be sent again.
    const { etag: ETag = '' } = (await put(target, headers)).headers;
    await upload.complete([{ ...withoutChecksums({ PartNumber: 1, ETag }), ...checksum }], {
      IfNoneMatch: '*',
    });
    expect(await s3.read('a')).toBe(CONTENT);
  });
});
