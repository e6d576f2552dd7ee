import { randomBytes } from 'node:crypto';
import { type IncomingHttpHeaders, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type DownloadProxy, startDownloadProxy } from '../support/download-proxy.ts';
import { type Laptop, postToken, startLaptop } from '../support/laptop.ts';

let laptop: Laptop;
let proxy: DownloadProxy;
let people = 0;
const BYTES = randomBytes(3_000_000);
const NAME = "Übersicht (1) + it's 50% & more.pdf";

beforeAll(async () => {
  proxy = await startDownloadProxy();
  laptop = await startLaptop({ downloadHost: proxy.host });
  proxy.passTo(laptop.endpoints.s3);
  await laptop.offer(NAME, BYTES);
});
afterAll(async () => {
  await laptop?.close();
  await proxy?.close();
});

/** Redeems a new link, and returns the URL of the redirect. */
async function redeemed(): Promise<URL> {
  people += 1;
  const token = await laptop.mailedToken(`person${people}@example.org`, NAME);
  const response = await postToken(`${laptop.endpoints.api}/redeem`, token);
  expect(response.status).toBe(302);
  return new URL(response.headers.get('location') ?? '');
}

interface Received {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends a request to 127.0.0.1 with the URL's `Host`, because some resolvers do not know subdomains of localhost. */
function get(
  { host, port, pathname, search }: URL,
  more: IncomingHttpHeaders = {},
  method = 'GET',
): Promise<Received> {
  return new Promise((resolve, reject) => {
    const headers = { host, ...more };
    request({ hostname: '127.0.0.1', port, path: `${pathname}${search}`, headers, method }, (response) => {
      const { statusCode: status, headers: received } = response;
      buffer(response).then((body) => resolve({ status, headers: received, body }), reject);
    })
      .on('error', reject)
      .end();
  });
}

function changed(url: URL, parameter: string, value: string): URL {
  const other = new URL(url);
  expect(other.searchParams.has(parameter)).toBe(true);
  other.searchParams.set(parameter, value);
  return other;
}

describe('a download from another host name', () => {
  test('delivers the exact file under its name, and the Content-Security-Policy lets forms redirect to that host', async () => {
    const url = await redeemed();
    expect(url.origin).toBe(`http://${proxy.host}`);
    const response = await get(url);
    expect(response.status).toBe(200);
    expect(response.body.equals(BYTES)).toBe(true);
    expect(response.headers['content-disposition']).toMatch(/^attachment;/);

    const page = await fetch(`${laptop.endpoints.api}/`, { headers: { accept: 'text/html' } });
    const policy = page.headers.get('content-security-policy')?.split('; ');
    expect(policy).toContain(`form-action 'self' http://${proxy.host}`);
  });

  test('can resume where it stopped', async () => {
    const response = await get(await redeemed(), { range: 'bytes=2999990-' });
    expect(response.status).toBe(206);
    expect(response.body.equals(BYTES.subarray(2_999_990))).toBe(true);
  });

  test('has a URL that is signed for the bucket’s host, and that S3 refuses for any other host', async () => {
    const url = await redeemed();
    const { host: bucket } = new URL(laptop.endpoints.s3);
    const direct = new URL(url);
    direct.host = bucket;
    expect((await get(direct)).status).toBe(200);
    for (const host of [proxy.host, 'localhost', `evil.${bucket}`]) {
      const response = await get(direct, { host });
      expect([host, response.status]).toEqual([host, 403]);
      expect(response.body.toString()).toContain('SignatureDoesNotMatch');
    }
  });

  test.each([
    ['x-redemption-id', '00000000-0000-4000-8000-000000000000'],
    ['X-Amz-Expires', '300'],
    ['versionId', '3'],
    ['response-content-disposition', 'inline'],
  ])('is refused by S3 if its URL has another %s', async (parameter, value) => {
    expect((await get(changed(await redeemed(), parameter, value))).status).toBe(403);
  });

  test('is refused by S3 for another file, for another method, and without a signature', async () => {
    const url = await redeemed();
    await laptop.offer('other.pdf', 'other');
    const other = new URL(url);
    other.pathname = other.pathname.replace(/[^/]+$/, 'other.pdf');
    expect((await get(other)).status).toBe(403);
    expect((await get(url, {}, 'HEAD')).status).toBe(403);
    expect((await get(url, {}, 'DELETE')).status).toBe(403);
    other.search = '';
    expect((await get(other)).status).toBe(403);
  });
});
