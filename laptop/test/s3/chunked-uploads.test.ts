import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { EMPTY_SHA256, localS3, type PlainResponse, s3Signer, verdict } from '../support/local-s3.ts';

const CONTENT = '123456789';
const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');
const s3 = localS3();

const put = (headers: Record<string, string>, body: Buffer | string = CONTENT): Promise<PlainResponse> =>
  s3.sendSigned({ method: 'PUT', target: '/files/a', headers, body });

describe('aws-chunked uploads', () => {
  const CRC32 = 'x-amz-checksum-crc32:y/Q5Jg==\r\n';

  const chunkedHeaders = (kind: string, body: string): Record<string, string> => ({
    'x-amz-content-sha256': kind,
    'x-amz-decoded-content-length': String(CONTENT.length),
    'content-encoding': 'aws-chunked',
    'content-length': String(body.length),
    ...(kind.endsWith('-TRAILER') ? { 'x-amz-trailer': 'x-amz-checksum-crc32' } : {}),
  });

  const putUnsigned = (body: string, headers: Record<string, string> = {}): Promise<PlainResponse> =>
    put({ ...chunkedHeaders('STREAMING-UNSIGNED-PAYLOAD-TRAILER', body), ...headers }, body);

  test('a chunked upload is stored without the framing, and without aws-chunked in its content encoding', async () => {
    const response = await putUnsigned(`4\r\n1234\r\n5\r\n56789\r\n0\r\n${CRC32}\r\n`, {
      'content-encoding': 'gzip,aws-chunked',
    });
    expect(response.status).toBe(200);
    const { text, headers } = await s3.sendSigned({ method: 'GET', target: '/files/a' });
    expect([text, headers['content-encoding'], headers['content-length']]).toEqual([CONTENT, 'gzip', '9']);
  });

  test.each([
    ['a wrong trailer', '9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n', 'BadDigest'],
    ['no trailer', '9\r\n123456789\r\n0\r\n\r\n', 'MalformedTrailerError'],
    ['a malformed trailer', '9\r\n123456789\r\n0\r\nnonsense\r\n\r\n', 'MalformedTrailerError'],
    ['bytes after the trailer', `9\r\n123456789\r\n0\r\n${CRC32}\r\nmore`, 'MalformedTrailerError'],
    ['too few bytes', `8\r\n12345678\r\n0\r\n${CRC32}\r\n`, 'IncompleteBody'],
    ['too many bytes', `a\r\n1234567890\r\n0\r\n${CRC32}\r\n`, 'IncompleteBody'],
    ['an incomplete chunk', '9\r\n1234', 'IncompleteBody'],
    ['no final chunk', '9\r\n123456789\r\n', 'IncompleteBody'],
    ['a chunk longer than declared', `4\r\n12345\r\n4\r\n6789\r\n0\r\n${CRC32}\r\n`, 'InvalidRequest'],
    ['an invalid chunk size', `9x\r\n123456789\r\n0\r\n${CRC32}\r\n`, 'InvalidRequest'],
    ['a bare line feed', `9\n123456789\r\n0\r\n${CRC32}\r\n`, 'InvalidRequest'],
    ['an endless chunk header', '9'.repeat(5000), 'InvalidRequest'],
  ])('a chunked upload with %s is rejected', async (_, body, code) => {
    expect(verdict(await putUnsigned(body))).toEqual([400, code]);
    expect(s3.traces()).toEqual([]);
  });

  test('a chunked upload without a decoded length is rejected', async () => {
    const body = `9\r\n123456789\r\n0\r\n${CRC32}\r\n`;
    const { 'x-amz-decoded-content-length': _, ...headers } = chunkedHeaders(
      'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      body,
    );
    expect(verdict(await put(headers, body))).toEqual([411, 'MissingContentLength']);
  });

  type Sign = (algorithm: string, ...hashes: readonly string[]) => Promise<string>;

  /** Frames chunks and a trailer as the S3 documentation specifies. */
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

  /** Sends signed chunks. `tamper` changes the finished body without changing its length. */
  async function putSigned(
    kind: string,
    chunks: readonly string[],
    tamper: (body: string) => string = (body) => body,
  ): Promise<PlainResponse> {
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
    'a %s upload is accepted only if all its signatures match',
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
        const response = await putSigned(kind, ['1234', '56789'], tamper);
        expect(verdict(response)).toEqual([403, 'SignatureDoesNotMatch']);
      }
      expect(s3.traces()).toEqual([]);
      expect((await putSigned(kind, ['1234', '56789'])).status).toBe(200);
      expect(await s3.read('a')).toBe(CONTENT);
    },
  );
});
