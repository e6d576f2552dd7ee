import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { EMPTY_SHA256, localS3 } from '../support/local-s3.ts';

const UNSIGNED = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };

const s3 = localS3();

/** Opens a connection and sends the headers of a PUT. */
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

const rawResponse = async (headers: Readonly<Record<string, string>>, target?: string): Promise<string> =>
  textOf(openRaw(headers, target));

describe("an upload's connection", () => {
  test('an upload of more than 5 GiB is rejected before its body is sent', async () => {
    const signed = await s3.signed({
      method: 'PUT',
      target: '/files/a',
      headers: { ...UNSIGNED, 'content-length': String(5 * 1024 ** 3 + 1), expect: '100-continue' },
    });
    expect(await rawResponse(signed.headers ?? {})).toContain('<Code>EntityTooLarge</Code>');
  });

  test('an upload whose connection breaks leaves no files behind', async () => {
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
    expect(s3.traces()).toEqual([]);
  });

  test('an upload to an unknown bucket is rejected without 100 Continue', async () => {
    const { headers = {} } = await s3.signed({
      method: 'PUT',
      target: '/nowhere/a',
      headers: { ...UNSIGNED, 'content-length': '1000000', expect: '100-continue' },
    });
    const response = await rawResponse(headers, '/nowhere/a');
    expect(response).toMatch(/^HTTP\/1.1 404/);
    expect(response).not.toContain('100 Continue');
    expect(response).toMatch(/^connection: close\r$/im);
  });

  test.each([
    ['before its body is read', { ...UNSIGNED, 'x-amz-storage-class': 'FLOPPY' }, 'InvalidStorageClass'],
    ['after its body is read', { 'x-amz-content-sha256': EMPTY_SHA256 }, 'XAmzContentSHA256Mismatch'],
  ])(
    'an upload that is rejected %s does not break the connection for the next request',
    async (_, headers, code) => {
      const bytes = 'x'.repeat(4_000_000);
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
      const responses = await textOf(socket);
      expect(responses).toContain(`<Code>${code}</Code>`);
      expect(responses).toContain('<ListBucketResult');
    },
  );
});

test('an idle connection stays open for the next request', async () => {
  const { method, target, headers } = await s3.signed({ method: 'GET', target: '/files?list-type=2' });
  const response = await s3.send({ method, target, headers: { ...headers, connection: 'keep-alive' } });
  // If the server closed idle connections, it would announce its timeout here (RFC 2068, section 19.7.1.1).
  expect([response.status, response.headers['keep-alive']]).toEqual([200, undefined]);
});
