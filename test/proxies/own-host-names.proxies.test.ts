import { once } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createClients } from '../../laptop/src/clients.ts';
import { startLoopbackServer } from '../../laptop/src/loopback-server.ts';
import { eventually } from '../../laptop/test/support/eventually.ts';
import { issueLink } from '../support/issue-links.ts';
import { type Laptop, postToken, startLaptop } from '../support/laptop.ts';
import { type Certificate, makeCertificate } from './certificate.ts';
import { begin, digestOf, offerLarge, programs, send } from './client.ts';
import { type ReverseProxy, startProxy } from './start-proxy.ts';

/* Tests the recipes in docs/networks/own-host-names/ with real servers in front of local mode's bucket. */

/** A name that must be escaped in URLs. A proxy must not change how it is escaped. */
const NAME = "année 2031+1 (50%) & it's.txt";
const TEXT = 'the report';

let laptop: Laptop;
let certificate: Certificate;
let largeSha256: string;

beforeAll(async () => {
  certificate = makeCertificate();
  laptop = await startLaptop({ downloadHost: 'downloads.localhost' });
  await laptop.offer(NAME, TEXT);
  largeSha256 = await offerLarge(laptop, 'large.bin', 100);
});
afterAll(async () => {
  await laptop.close();
  certificate.remove();
});

/** Redeems a new link, and returns the path and the query of the presigned URL. */
async function redeemed(asset = NAME): Promise<string> {
  const { token } = await issueLink(laptop.endpoints, { asset });
  const { headers } = await postToken(`${laptop.endpoints.api}/redeem`, token);
  const location = headers.get('location') ?? '';
  expect(location).toMatch(/^http:\/\/downloads\.localhost\//);
  return location.slice('http://downloads.localhost'.length);
}

/** As the operator, presigns a URL for the newest version of the file, and returns the path and query of the URL. */
async function signedAt(signingDate: Date): Promise<string> {
  const { s3, destroy } = createClients(laptop.endpoints, laptop.endpoints, laptop.endpoints.region);
  const command = new GetObjectCommand({ Bucket: laptop.endpoints.bucket, Key: `gated/${NAME}` });
  const url = await getSignedUrl(s3, command, { expiresIn: 60, signingDate });
  destroy();
  return url.slice(new URL(url).origin.length);
}

const open = (url: string, headers: OutgoingHttpHeaders = {}) => begin(certificate.cert, url, { headers });

const request = (url: string, headers: OutgoingHttpHeaders = {}, method = 'GET') =>
  send(certificate.cert, url, { headers, method });

describe.each(programs)('%s', (name, program) => {
  const start = (bucket = laptop.endpoints.s3) => startProxy(name, program, { bucket, certificate });
  let proxy: ReverseProxy;
  beforeAll(async () => {
    proxy = await start();
  });
  afterAll(() => proxy.close());

  /** Sends requests through a proxy, and returns those that reach the bucket. */
  async function asked(requests: (url: string) => Promise<unknown>) {
    const seen: IncomingMessage[] = [];
    const bucket = await startLoopbackServer({ port: 0 }, async (message, response) => {
      seen.push(message);
      response.end('a file');
    });
    const other = await start(bucket.url);
    try {
      await requests(other.url);
      return { seen, host: new URL(bucket.url).host };
    } finally {
      await other.close();
      await bucket.close();
    }
  }

  test('a redeemed link downloads the exact file under its name', async () => {
    const { status, body, headers } = await request(proxy.url + (await redeemed()));
    expect([status, body]).toEqual([200, TEXT]);
    expect(headers['content-disposition']).toContain("filename*=UTF-8''ann%C3%A9e%202031%2B1%20%2850%25%29");
  });

  test("a large file arrives byte for byte, without touching the proxy's disk", async () => {
    const slow = await open(proxy.url + (await redeemed('large.bin')));
    // Nobody reads this response until another client has the whole file, so the proxy has time to store the response.
    const other = await open(proxy.url + (await redeemed('large.bin')));
    expect(other.headers['content-length']).toBe(String(100_000_000));
    expect(await digestOf(other)).toBe(largeSha256);
    expect(proxy.openFiles()).toEqual([]);
    expect(await digestOf(slow)).toBe(largeSha256);
  });

  test('the proxy does not compress a file, and a download can resume', async () => {
    const path = await redeemed();
    const whole = await request(proxy.url + path, { 'accept-encoding': 'gzip, br' });
    expect(whole.headers).toMatchObject({ 'content-length': String(TEXT.length) });
    expect(whole.headers['content-encoding']).toBeUndefined();
    expect(await request(proxy.url + path, { range: 'bytes=4-' })).toMatchObject({
      status: 206,
      body: 'report',
    });
  });

  test.each([
    [
      'another signature',
      (path: string) => path.replace(/(?<=X-Amz-Signature=)./, (digit) => (digit === '0' ? '1' : '0')),
    ],
    ['a longer lifetime', (path: string) => path.replace(/(?<=X-Amz-Expires=)\d+/, '86400')],
    [
      'another redemption ID',
      (path: string) => path.replace(/(?<=x-redemption-id=)./, (digit) => (digit === '0' ? '1' : '0')),
    ],
    ['one more parameter', (path: string) => `${path}&x=1`],
    ['another file', (path: string) => path.replace(/[^/]+\?/, 'large.bin?')],
    ['no query', (path: string) => path.replace(/\?.*/, '')],
  ])('S3 refuses a URL with %s', async (_what, change) => {
    const path = await redeemed();
    const changed = change(path);
    expect(changed).not.toBe(path);
    const response = await request(proxy.url + changed);
    expect([response.status, response.body]).toEqual([403, expect.stringContaining('<Error>')]);
    expect((await request(proxy.url + path)).body).toBe(TEXT);
  });

  test('S3 refuses a URL that has expired', async () => {
    const now = new Date();
    expect(await request(proxy.url + (await signedAt(now)))).toMatchObject({ status: 200, body: TEXT });
    const expired = await request(proxy.url + (await signedAt(new Date(now.getTime() - 61_000))));
    expect([expired.status, expired.body]).toEqual([403, expect.stringContaining('expired')]);
  });

  test('the bucket gets the path and the query exactly as they were signed, up to 8 KB', async () => {
    const path = '/gated/a%20b%2B%28%C3%A9%29%2fc+d;e~f!?X=%2F&y=a+b&z&q=%e2%82%ac&y=%3F';
    const long = `/gated/${'x'.repeat(1002)}?X-Amz-Security-Token=${'%2F'.repeat(2400)}`.slice(0, 8192);
    const { seen } = await asked(async (url) => {
      for (const each of [path, long]) expect((await request(url + each)).status).toBe(200);
    });
    expect(seen.map(({ url }) => url)).toEqual([path, long]);
  });

  test('the bucket gets the signed host, and no credentials of the client', async () => {
    const { seen, host } = await asked((url) =>
      request(`${url}/x`, { authorization: 'Basic eDp5', cookie: 'a=b', range: 'bytes=0-' }),
    );
    // With HTTP/1.0, a truncated file could not be distinguished from a complete one.
    expect(seen[0]?.httpVersion).toBe('1.1');
    expect(seen[0]?.headers).toMatchObject({ host, range: 'bytes=0-' });
    expect(seen[0]?.headers).not.toHaveProperty('authorization');
    expect(seen[0]?.headers).not.toHaveProperty('cookie');
  });

  test("the proxy adds no headers to requests for the bucket, such as the client's address or accepted encodings", async () => {
    const { seen } = await asked((url) => request(`${url}/x`));
    const names = Object.keys(seen[0]?.headers ?? {});
    expect(names.filter((header) => header.startsWith('x-') || header === 'accept-encoding')).toEqual([]);
  });

  test('only GET and HEAD reach the bucket', async () => {
    const { seen } = await asked(async (url) => {
      for (const method of ['PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS'])
        expect([403, 405]).toContain((await request(`${url}/x`, {}, method)).status);
      await request(`${url}/x`, {}, 'HEAD');
      await request(`${url}/x`);
    });
    expect(seen.map(({ method }) => method)).toEqual(['HEAD', 'GET']);
  });

  test('the proxy sends requests only to a bucket with a valid certificate', async () => {
    const stranger = makeCertificate();
    const responses = async ({ cert, key }: Certificate) => {
      let times = 0;
      const bucket = createServer({ cert, key }, (_request, response) => {
        times += 1;
        response.end('a file');
      }).listen(0, '127.0.0.1');
      await once(bucket, 'listening');
      const other = await start(`https://127.0.0.1:${(bucket.address() as AddressInfo).port}`);
      const { status } = await request(`${other.url}/x`);
      await other.close();
      await new Promise((resolve) => bucket.close(resolve));
      return { status, times };
    };
    expect(await responses(stranger)).toEqual({ status: 502, times: 0 });
    expect(await responses(certificate)).toEqual({ status: 200, times: 1 });
    stranger.remove();
  });

  test('logs contain paths but no queries, even if the bucket is down', async () => {
    const down = await start('http://127.0.0.1:1');
    try {
      for (const at of [proxy, down]) {
        const url = at.url + (await redeemed());
        expect((await request(url, { referer: url })).status).toBe(at === proxy ? 200 : 502);
        // A request is logged once its response has been sent.
        const logged = await eventually(
          async () => at.logged(),
          (text) => text.includes('/gated/'),
        );
        expect(logged).not.toMatch(/X-Amz|x-redemption-id|versionId/i);
      }
    } finally {
      await down.close();
    }
  });
});
