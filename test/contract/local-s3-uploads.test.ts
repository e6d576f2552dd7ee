import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  type ChecksumAlgorithm,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Answer, EMPTY_SHA256, errorCode, LocalS3, s3Signer } from '../support/local-s3.ts';

const CONTENT = '123456789';
const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');
const UNSIGNED = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };

const base64Of = (hash: string): string => createHash(hash).update(CONTENT).digest('base64');

/** The check values of the CRC catalogue, which are of "123456789", and its digests; in base64. */
const CHECKSUMS: readonly [ChecksumAlgorithm, string, string][] = [
  ['CRC32', 'crc32', 'y/Q5Jg=='],
  ['CRC32C', 'crc32c', '4waSgw=='],
  ['CRC64NVME', 'crc64nvme', 'rosUhgp5mIg='],
  ['SHA1', 'sha1', base64Of('sha1')],
  ['SHA256', 'sha256', base64Of('sha256')],
];

let s3: LocalS3;

beforeEach(async () => {
  s3 = new LocalS3();
  await s3.start();
});

afterEach(() => s3.remove());

const put = (headers: Record<string, string>, body: Buffer | string = CONTENT): Promise<Answer> =>
  s3.sendSigned({ method: 'PUT', target: '/files/a', headers, body });

const verdict = (answer: Answer) => [answer.status, errorCode(answer)];

const stored = async (): Promise<string> => (await s3.sendSigned({ method: 'GET', target: '/files/a' })).text;

/** That nothing of a refused upload is left, neither to see nor on the disk. */
async function expectNothingStored(): Promise<void> {
  expect((await s3.sendSigned({ method: 'GET', target: '/files/a' })).status).toBe(404);
  expect(readdirSync(join(s3.dataDir, 'unfinished'))).toEqual([]);
  expect(readdirSync(join(s3.dataDir, 'buckets', 'files', 'objects'))).toEqual([]);
}

describe('an upload to the local S3', () => {
  test.each(CHECKSUMS)(
    'is verified by %s, which HEAD and GET report when asked',
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

  test.each(CHECKSUMS)('is refused with a wrong %s', async (_, header, value) => {
    const wrong = Buffer.from(value, 'base64');
    wrong[0] = (wrong[0] ?? 0) ^ 1;
    const answer = await put({ ...UNSIGNED, [`x-amz-checksum-${header}`]: wrong.toString('base64') });
    expect(verdict(answer)).toEqual([400, 'BadDigest']);
    await expectNothingStored();
  });

  test.each(CHECKSUMS)('is accepted from the SDK with %s', async (ChecksumAlgorithm, _, value) => {
    const output = await s3.client.send(
      new PutObjectCommand({ Bucket: 'files', Key: 'a', Body: CONTENT, ChecksumAlgorithm }),
    );
    expect(output).toMatchObject({ [`Checksum${ChecksumAlgorithm}`]: value });
  });

  test('is accepted from the SDK as a stream, whose checksum follows it', async () => {
    const bytes = randomBytes(300_000);
    await s3.client.send(
      new PutObjectCommand({
        Bucket: 'files',
        Key: 'a',
        Body: Readable.from([bytes]),
        ContentLength: bytes.length,
      }),
    );
    const { Body, ContentEncoding } = await s3.client.send(
      new GetObjectCommand({ Bucket: 'files', Key: 'a' }),
    );
    expect(ContentEncoding).toBeUndefined();
    expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(bytes)).toBe(true);
  });

  test('gets a CRC64NVME if it brings no checksum', async () => {
    const answer = await put({ 'x-amz-content-sha256': sha256(CONTENT) });
    expect(answer.headers['x-amz-checksum-crc64nvme']).toBe('rosUhgp5mIg=');
    expect(answer.headers['x-amz-checksum-type']).toBe('FULL_OBJECT');
  });

  test('is refused if its SHA-256 is not the one that was signed', async () => {
    expect(verdict(await put({ 'x-amz-content-sha256': sha256('other') }))).toEqual([
      400,
      'XAmzContentSHA256Mismatch',
    ]);
    expect(verdict(await put({ 'x-amz-content-sha256': EMPTY_SHA256 }))).toEqual([
      400,
      'XAmzContentSHA256Mismatch',
    ]);
    await expectNothingStored();
  });

  test('is refused if its MD5 is wrong, or none', async () => {
    const md5 = createHash('md5').update(CONTENT).digest('base64');
    expect((await put({ ...UNSIGNED, 'content-md5': md5 })).status).toBe(200);
    const other = createHash('md5').update('other').digest('base64');
    expect(verdict(await put({ ...UNSIGNED, 'content-md5': other }))).toEqual([400, 'BadDigest']);
    expect(verdict(await put({ ...UNSIGNED, 'content-md5': 'x' }))).toEqual([400, 'InvalidDigest']);
    expect(verdict(await put({ ...UNSIGNED, 'content-md5': 'AAAA' }))).toEqual([400, 'InvalidDigest']);
  });

  test.each([
    ['a checksum that is none', { 'x-amz-checksum-crc32': 'x' }, 'InvalidRequest'],
    [
      'two checksums',
      { 'x-amz-checksum-crc32': 'y/Q5Jg==', 'x-amz-checksum-crc32c': '4waSgw==' },
      'InvalidRequest',
    ],
    [
      'an announced checksum that does not come',
      { 'x-amz-sdk-checksum-algorithm': 'CRC32' },
      'InvalidRequest',
    ],
    ['a trailer without the framing for it', { 'x-amz-trailer': 'x-amz-checksum-crc32' }, 'InvalidRequest'],
    ['a payload hash that is none', { 'x-amz-content-sha256': 'SOMETHING' }, 'InvalidRequest'],
    ['a storage class that is none', { 'x-amz-storage-class': 'FLOPPY' }, 'InvalidStorageClass'],
    ['an encryption that is none', { 'x-amz-server-side-encryption': 'rot13' }, 'InvalidArgument'],
    ['a public ACL', { 'x-amz-acl': 'public-read' }, 'AccessControlListNotSupported'],
    ['too much metadata', { 'x-amz-meta-a': 'x'.repeat(2048) }, 'MetadataTooLarge'],
  ])('is refused with %s', async (_, headers, code) => {
    expect(verdict(await put({ ...UNSIGNED, ...headers }))).toEqual([400, code]);
    await expectNothingStored();
  });

  test('is refused without a length, and with one beyond 5 GiB before a byte is sent', async () => {
    expect(verdict(await put({ ...UNSIGNED, 'transfer-encoding': 'chunked' }))).toEqual([
      411,
      'MissingContentLength',
    ]);
    const signed = await s3.signed({
      method: 'PUT',
      target: '/files/a',
      headers: { ...UNSIGNED, 'content-length': String(5 * 1024 ** 3 + 1), expect: '100-continue' },
    });
    expect(await rawAnswer(signed.headers ?? {})).toContain('<Code>EntityTooLarge</Code>');
  });

  test('onto an existing key is refused under If-None-Match: *, before and after its bytes', async () => {
    const onlyNew = { 'x-amz-content-sha256': sha256(CONTENT), 'if-none-match': '*' };
    expect((await put(onlyNew)).status).toBe(200);
    expect(verdict(await put(onlyNew))).toEqual([412, 'PreconditionFailed']);
    expect(verdict(await put({ ...UNSIGNED, 'if-none-match': '"etag"' }))).toEqual([501, 'NotImplemented']);
  });

  test('has one winner of many under If-None-Match: *', async () => {
    const bytes = randomBytes(200_000);
    const headers = { ...UNSIGNED, 'if-none-match': '*' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => put(headers, bytes)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(19);
    expect(readdirSync(join(s3.dataDir, 'unfinished'))).toEqual([]);
    expect(s3.events).toHaveLength(1);
  });

  test('under If-Match replaces the version it names and no other', async () => {
    expect(verdict(await put({ ...UNSIGNED, 'if-match': '"any"' }))).toEqual([404, 'NoSuchKey']);
    const first = await put(UNSIGNED);
    expect((await put({ ...UNSIGNED, 'if-match': first.headers.etag ?? '' }, 'second')).status).toBe(200);
    expect(verdict(await put({ ...UNSIGNED, 'if-match': first.headers.etag ?? '' }))).toEqual([
      412,
      'PreconditionFailed',
    ]);
    expect(await stored()).toBe('second');
  });

  test('by a presigned URL is accepted with the headers that were signed, and refused with others', async () => {
    const command = new PutObjectCommand({ Bucket: 'files', Key: 'a', ContentLength: 9, IfNoneMatch: '*' });
    const client = s3.client;
    client.config.requestChecksumCalculation = async () => 'WHEN_REQUIRED';
    const url = await getSignedUrl(client, command);
    const send = (body: string, headers: Record<string, string>) =>
      fetch(url, { method: 'PUT', body, headers });
    expect((await send('12345678', { 'if-none-match': '*' })).status).toBe(403);
    expect((await send(CONTENT, {})).status).toBe(403);
    expect((await send(CONTENT, { 'if-none-match': '*' })).status).toBe(200);
    expect((await send(CONTENT, { 'if-none-match': '*' })).status).toBe(412);
  });

  test('that is broken off half-way leaves nothing', async () => {
    const { headers = {} } = await s3.signed({
      method: 'PUT',
      target: '/files/a',
      headers: { ...UNSIGNED, 'content-length': '1000000', expect: '100-continue' },
    });
    const socket = openRaw(headers);
    const [invitation] = await once(socket, 'data');
    expect(String(invitation)).toContain('100 Continue');
    socket.write(randomBytes(100_000));
    socket.destroy();
    await s3.stop();
    expect(readdirSync(join(s3.dataDir, 'unfinished'))).toEqual([]);
    await s3.start();
    await expectNothingStored();
  });

  test('is refused before its bytes are asked for, if it can be', async () => {
    const { headers = {} } = await s3.signed({
      method: 'PUT',
      target: '/nowhere/a',
      headers: { ...UNSIGNED, 'content-length': '1000000', expect: '100-continue' },
    });
    const answer = await rawAnswer(headers, '/nowhere/a');
    expect(answer).toMatch(/^HTTP\/1.1 404/);
    expect(answer).not.toContain('100 Continue');
    expect(answer).toMatch(/^connection: close\r$/im);
  });

  test.each([
    ['before its bytes are read', { ...UNSIGNED, 'x-amz-storage-class': 'FLOPPY' }, 'InvalidStorageClass'],
    [
      'in the middle of its bytes',
      {
        'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'x-amz-decoded-content-length': '9',
        'x-amz-trailer': 'x-amz-checksum-crc32',
      },
      'InvalidRequest',
    ],
  ])('that is refused %s leaves its connection in order for the next request', async (_, headers, code) => {
    const bytes = `no chunk\r\n${'x'.repeat(4_000_000)}`;
    const refused = await s3.signed({
      method: 'PUT',
      target: '/files/a',
      headers: { ...headers, 'content-length': String(bytes.length) },
    });
    const list = await s3.signed({
      method: 'GET',
      target: '/files?list-type=2',
      headers: { connection: 'close' },
    });
    const socket = openRaw(refused.headers ?? {});
    const head = Object.entries(list.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`${bytes}GET ${list.target} HTTP/1.1\r\n${head.join('')}\r\n`);
    const answers = await textOf(socket);
    expect(answers).toContain(`<Code>${code}</Code>`);
    expect(answers).toContain('<ListBucketResult');
  });
});

/** Sends the head of a PUT on a connection of its own. */
function openRaw(headers: Readonly<Record<string, string>>, target = '/files/a'): Socket {
  const { hostname, port } = new URL(s3.service.url);
  const socket = connect(Number(port), hostname);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`PUT ${target} HTTP/1.1\r\n${lines.join('')}\r\n`);
  return socket;
}

async function textOf(socket: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of socket) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

const rawAnswer = async (headers: Readonly<Record<string, string>>, target?: string): Promise<string> =>
  textOf(openRaw(headers, target));

describe('an aws-chunked upload to the local S3', () => {
  const CRC32 = 'x-amz-checksum-crc32:y/Q5Jg==\r\n';

  const chunkedHeaders = (kind: string, body: string): Record<string, string> => ({
    'x-amz-content-sha256': kind,
    'x-amz-decoded-content-length': String(CONTENT.length),
    'content-encoding': 'aws-chunked',
    'content-length': String(body.length),
    ...(kind.endsWith('-TRAILER') ? { 'x-amz-trailer': 'x-amz-checksum-crc32' } : {}),
  });

  const putUnsigned = (body: string, headers: Record<string, string> = {}): Promise<Answer> =>
    put({ ...chunkedHeaders('STREAMING-UNSIGNED-PAYLOAD-TRAILER', body), ...headers }, body);

  test('is stored without its framing and content encoding, when the trailer matches', async () => {
    const answer = await putUnsigned(`4\r\n1234\r\n5\r\n56789\r\n0\r\n${CRC32}\r\n`, {
      'content-encoding': 'gzip,aws-chunked',
    });
    expect(answer.status).toBe(200);
    const { text, headers } = await s3.sendSigned({ method: 'GET', target: '/files/a' });
    expect([text, headers['content-encoding'], headers['content-length']]).toEqual([CONTENT, 'gzip', '9']);
  });

  test.each([
    ['a wrong trailer', '9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n', 'BadDigest'],
    ['no trailer', '9\r\n123456789\r\n0\r\n\r\n', 'MalformedTrailerError'],
    ['a malformed trailer', '9\r\n123456789\r\n0\r\nnonsense\r\n\r\n', 'MalformedTrailerError'],
    ['something after the trailer', `9\r\n123456789\r\n0\r\n${CRC32}\r\nmore`, 'MalformedTrailerError'],
    ['too few bytes', `8\r\n12345678\r\n0\r\n${CRC32}\r\n`, 'IncompleteBody'],
    ['too many bytes', `a\r\n1234567890\r\n0\r\n${CRC32}\r\n`, 'IncompleteBody'],
    ['an end within a chunk', '9\r\n1234', 'IncompleteBody'],
    ['an end before the last chunk', '9\r\n123456789\r\n', 'IncompleteBody'],
    ['a chunk longer than it says', `4\r\n12345\r\n4\r\n6789\r\n0\r\n${CRC32}\r\n`, 'InvalidRequest'],
    ['a size that is none', `9x\r\n123456789\r\n0\r\n${CRC32}\r\n`, 'InvalidRequest'],
    ['a bare line feed', `9\n123456789\r\n0\r\n${CRC32}\r\n`, 'InvalidRequest'],
    ['an endless chunk header', '9'.repeat(5000), 'InvalidRequest'],
  ])('is refused with %s', async (_, body, code) => {
    expect(verdict(await putUnsigned(body))).toEqual([400, code]);
    await expectNothingStored();
  });

  test('is refused without its decoded length', async () => {
    const body = `9\r\n123456789\r\n0\r\n${CRC32}\r\n`;
    const { 'x-amz-decoded-content-length': _, ...headers } = chunkedHeaders(
      'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      body,
    );
    expect(verdict(await put(headers, body))).toEqual([411, 'MissingContentLength']);
  });

  type Sign = (algorithm: string, ...hashes: readonly string[]) => Promise<string>;

  /** Frames as the S3 documentation describes. */
  async function frame(chunks: readonly string[], trailer: string, sign: Sign): Promise<string> {
    let body = '';
    for (const chunk of [...chunks, '']) {
      const signature = await sign('AWS4-HMAC-SHA256-PAYLOAD', EMPTY_SHA256, sha256(chunk));
      body += `${chunk.length.toString(16)};chunk-signature=${signature}\r\n${chunk === '' ? '' : `${chunk}\r\n`}`;
    }
    if (trailer !== '') {
      const signature = await sign('AWS4-HMAC-SHA256-TRAILER', sha256(trailer.replace('\r', '')));
      body += `${trailer}x-amz-trailer-signature:${signature}\r\n`;
    }
    return `${body}\r\n`;
  }

  /** Sends signed chunks; `tamper` changes the finished body and keeps its length. */
  async function putSigned(
    kind: string,
    chunks: readonly string[],
    tamper: (body: string) => string = (body) => body,
  ): Promise<Answer> {
    const trailer = kind.endsWith('-TRAILER') ? CRC32 : '';
    const dummy = await frame(chunks, trailer, async () => '0'.repeat(64));
    const head = { method: 'PUT', target: '/files/a', headers: chunkedHeaders(kind, dummy) };
    const signed = await s3.signed(head);
    const date = signed.headers?.['x-amz-date'] ?? '';
    const scope = `${date.slice(0, 8)}/eu-west-1/s3/aws4_request`;
    let previous = /Signature=(.+)/.exec(signed.headers?.authorization ?? '')?.[1] ?? '';
    const body = await frame(chunks, trailer, async (algorithm, ...hashes) => {
      previous = await s3Signer().sign([algorithm, date, scope, previous, ...hashes].join('\n'));
      return previous;
    });
    return s3.send({ ...signed, body: tamper(body).padEnd(body.length) });
  }

  const flipFirst = (pattern: RegExp) => (body: string) =>
    body.replace(pattern, (_, before: string, digit: string) => before + (digit === '0' ? '1' : '0'));

  test.each(['STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER'] as const)(
    'is accepted as %s when every signature of the chain matches, and refused otherwise',
    async (kind) => {
      const tampers = [
        flipFirst(/(chunk-signature=)(.)/),
        flipFirst(/(.*;chunk-signature=.{64}\r\n1234\r\n5;chunk-signature=)(.)/s),
        flipFirst(/(0;chunk-signature=)(.)/),
        (body: string) => body.replace('1234', '1235'),
        (body: string) => body.replace(/;chunk-signature=.{64}/, ''),
        ...(kind.endsWith('-TRAILER') ? [flipFirst(/(trailer-signature:)(.)/)] : []),
      ];
      for (const tamper of tampers) {
        const answer = await putSigned(kind, ['1234', '56789'], tamper);
        expect(verdict(answer)).toEqual([403, 'SignatureDoesNotMatch']);
      }
      await expectNothingStored();
      expect((await putSigned(kind, ['1234', '56789'])).status).toBe(200);
      expect(await stored()).toBe(CONTENT);
    },
  );
});
