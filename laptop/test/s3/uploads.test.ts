import { createHash, randomBytes } from 'node:crypto';
import {
  type ChecksumAlgorithm,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { EMPTY_SHA256, localS3, type PlainResponse, verdict } from '../support/local-s3.ts';

const CONTENT = '123456789';
const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');
const UNSIGNED = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };

const base64Of = (hash: string): string => createHash(hash).update(CONTENT).digest('base64');

/** Checksums of "123456789" in base64. For CRCs, these are the check values in the CRC catalog. */
const CHECKSUMS: readonly [ChecksumAlgorithm, string, string][] = [
  ['CRC32', 'crc32', 'y/Q5Jg=='],
  ['CRC32C', 'crc32c', '4waSgw=='],
  ['CRC64NVME', 'crc64nvme', 'rosUhgp5mIg='],
  ['SHA1', 'sha1', base64Of('sha1')],
  ['SHA256', 'sha256', base64Of('sha256')],
];

const s3 = localS3();

const put = (headers: Record<string, string>, body: Buffer | string = CONTENT): Promise<PlainResponse> =>
  s3.sendSigned({ method: 'PUT', target: '/files/a', headers, body });

describe('uploads', () => {
  test.each(CHECKSUMS)(
    'an upload is verified against its %s, which HEAD and GET return on request',
    async (algorithm, header, value) => {
      const accepted = await put({
        'x-amz-content-sha256': sha256(CONTENT),
        [`x-amz-checksum-${header}`]: value,
      });
      expect(accepted.status).toBe(200);
      expect(accepted.headers[`x-amz-checksum-${header}`]).toBe(value);

      const wanted = { [`Checksum${algorithm}`]: value, ChecksumType: 'FULL_OBJECT' };
      const input = { Bucket: 'files', Key: 'a', ChecksumMode: 'ENABLED' } as const;
      expect(await s3.client.send(new HeadObjectCommand(input))).toMatchObject(wanted);
      const { Body, ...got } = await s3.client.send(new GetObjectCommand(input));
      expect(await Body?.transformToString()).toBe(CONTENT);
      expect(got).toMatchObject(wanted);
      const plain = await s3.sendSigned({ method: 'HEAD', target: '/files/a' });
      expect(plain.headers[`x-amz-checksum-${header}`]).toBeUndefined();
      const part = { range: 'bytes=0-1', 'x-amz-checksum-mode': 'ENABLED' };
      const ranged = await s3.sendSigned({ method: 'GET', target: '/files/a', headers: part });
      expect(ranged.headers[`x-amz-checksum-${header}`]).toBeUndefined();
    },
  );

  test.each(CHECKSUMS)('an upload with a wrong %s is rejected', async (_, header, value) => {
    const wrong = Buffer.from(value, 'base64');
    wrong[0] = (wrong[0] ?? 0) ^ 1;
    const response = await put({ ...UNSIGNED, [`x-amz-checksum-${header}`]: wrong.toString('base64') });
    expect(verdict(response)).toEqual([400, 'BadDigest']);
    expect(s3.traces()).toEqual([]);
  });

  test.each(CHECKSUMS)('the SDK can upload with %s', async (ChecksumAlgorithm, _, value) => {
    const output = await s3.client.send(
      new PutObjectCommand({ Bucket: 'files', Key: 'a', Body: CONTENT, ChecksumAlgorithm }),
    );
    expect(output).toMatchObject({ [`Checksum${ChecksumAlgorithm}`]: value });
  });

  test('an upload without a checksum gets a CRC64NVME checksum', async () => {
    const response = await put({ 'x-amz-content-sha256': sha256(CONTENT) });
    expect(response.headers['x-amz-checksum-crc64nvme']).toBe('rosUhgp5mIg=');
    expect(response.headers['x-amz-checksum-type']).toBe('FULL_OBJECT');
  });

  test('an upload whose SHA-256 differs from the signed hash is rejected', async () => {
    expect(verdict(await put({ 'x-amz-content-sha256': sha256('other') }))).toEqual([
      400,
      'XAmzContentSHA256Mismatch',
    ]);
    expect(verdict(await put({ 'x-amz-content-sha256': EMPTY_SHA256 }))).toEqual([
      400,
      'XAmzContentSHA256Mismatch',
    ]);
    expect(s3.traces()).toEqual([]);
  });

  test('an upload whose MD5 is wrong or invalid is rejected', async () => {
    const md5 = createHash('md5').update(CONTENT).digest('base64');
    expect((await put({ ...UNSIGNED, 'content-md5': md5 })).status).toBe(200);
    const other = createHash('md5').update('other').digest('base64');
    expect(verdict(await put({ ...UNSIGNED, 'content-md5': other }))).toEqual([400, 'BadDigest']);
    expect(verdict(await put({ ...UNSIGNED, 'content-md5': 'x' }))).toEqual([400, 'InvalidDigest']);
    expect(verdict(await put({ ...UNSIGNED, 'content-md5': 'AAAA' }))).toEqual([400, 'InvalidDigest']);
  });

  test.each([
    ['an invalid checksum', { 'x-amz-checksum-crc32': 'x' }, 'InvalidRequest'],
    [
      'two checksums',
      { 'x-amz-checksum-crc32': 'y/Q5Jg==', 'x-amz-checksum-crc32c': '4waSgw==' },
      'InvalidRequest',
    ],
    ['an announced checksum that is missing', { 'x-amz-sdk-checksum-algorithm': 'CRC32' }, 'InvalidRequest'],
    ['an invalid payload hash', { 'x-amz-content-sha256': 'SOMETHING' }, 'InvalidRequest'],
    ['an unknown storage class', { 'x-amz-storage-class': 'FLOPPY' }, 'InvalidStorageClass'],
    ['an unknown encryption', { 'x-amz-server-side-encryption': 'rot13' }, 'InvalidArgument'],
    ['a public ACL', { 'x-amz-acl': 'public-read' }, 'AccessControlListNotSupported'],
    ['too much metadata', { 'x-amz-meta-a': 'x'.repeat(2048) }, 'MetadataTooLarge'],
  ])('an upload with %s is rejected', async (_, headers, code) => {
    expect(verdict(await put({ ...UNSIGNED, ...headers }))).toEqual([400, code]);
    expect(s3.traces()).toEqual([]);
  });

  test('an upload without a length is rejected', async () => {
    const response = await put({ ...UNSIGNED, 'transfer-encoding': 'chunked' });
    expect(verdict(response)).toEqual([411, 'MissingContentLength']);
  });

  test('an upload that would replace an object fails with If-None-Match: *', async () => {
    const onlyNew = { 'x-amz-content-sha256': sha256(CONTENT), 'if-none-match': '*' };
    expect((await put(onlyNew)).status).toBe(200);
    expect(verdict(await put(onlyNew))).toEqual([412, 'PreconditionFailed']);
    expect(verdict(await put({ ...UNSIGNED, 'if-none-match': '"etag"' }))).toEqual([501, 'NotImplemented']);
  });

  test('exactly one of many concurrent uploads with If-None-Match: * succeeds', async () => {
    const bytes = randomBytes(200_000);
    const headers = { ...UNSIGNED, 'if-none-match': '*' };
    const responses = await Promise.all(Array.from({ length: 20 }, () => put(headers, bytes)));
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(responses.filter(({ status }) => status === 412)).toHaveLength(19);
    expect(s3.traces()).toHaveLength(1);
    expect(s3.created).toHaveLength(1);
  });

  test('an upload with If-Match replaces only the version with that ETag', async () => {
    expect(verdict(await put({ ...UNSIGNED, 'if-match': '"any"' }))).toEqual([404, 'NoSuchKey']);
    const first = await put(UNSIGNED);
    expect((await put({ ...UNSIGNED, 'if-match': first.headers.etag ?? '' }, 'second')).status).toBe(200);
    expect(verdict(await put({ ...UNSIGNED, 'if-match': first.headers.etag ?? '' }))).toEqual([
      412,
      'PreconditionFailed',
    ]);
    expect(await s3.read('a')).toBe('second');
  });
});
