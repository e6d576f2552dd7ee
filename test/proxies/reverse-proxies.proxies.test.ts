import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { OutgoingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startLoopbackServer } from '../../laptop/src/loopback-server.ts';
import { issueLink } from '../support/issue-links.ts';
import { type Laptop, startLaptop } from '../support/laptop.ts';
import { type Certificate, makeCertificate } from './certificate.ts';
import { begin, digestOf, offerLarge, programs, type Sent, send } from './client.ts';
import { type ReverseProxy, startProxy } from './start-proxy.ts';

/* Tests the recipes in docs/networks/reverse-proxy/ with real servers in front of local mode. */

const SECRET = randomBytes(32).toString('base64url');
const ORIGIN = 'https://files.example.org';

/** A name that must be escaped in URLs. A proxy must not change how it is escaped. */
const NAME = 'année 2031+1 (50%).txt';
const TEXT = 'the report';

let laptop: Laptop;
let certificate: Certificate;
let largeSha256: string;

beforeAll(async () => {
  certificate = makeCertificate();
  laptop = await startLaptop({
    secondChance: 'on',
    proxyOrigin: ORIGIN,
    proxySecretSha256: createHash('sha256').update(SECRET).digest('hex'),
    delivery: 'proxy',
  });
  await laptop.offer(NAME, TEXT);
  largeSha256 = await offerLarge(laptop, 'large.bin', 300);
});
afterAll(async () => {
  await laptop.close();
  certificate.remove();
});

const open = (url: string, sent: Sent = {}) => begin(certificate.cert, url, sent);
const request = (url: string, sent: Sent = {}) => send(certificate.cert, url, sent);

const press = (proxy: ReverseProxy, token: string, headers: OutgoingHttpHeaders = {}) =>
  request(`${proxy.url}/redeem`, pressed(token, headers));

const pressed = (token: string, headers: OutgoingHttpHeaders = {}): Sent => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html', ...headers },
  body: new URLSearchParams({ token }).toString(),
});

/** Issues a link with this deployment's default delivery, which is `proxy`. */
const issue = (terms: object = {}) => issueLink(laptop.endpoints, { asset: NAME, ...terms });

/** Headers with which a client could impersonate the proxy or another client. */
const FORGED: readonly (readonly [string, OutgoingHttpHeaders])[] = [
  ['an address', { 'X-Real-IP': '203.0.113.9' }],
  ['an address and a secret', { 'x-real-ip': '203.0.113.9', 'x-proxy-secret': 'x'.repeat(43) }],
  ['several addresses', { 'X-Real-IP': ['203.0.113.9', '203.0.113.9'] }],
  ['an address in a header with underscores', { X_Real_IP: '203.0.113.9', X_Proxy_Secret: 'x'.repeat(43) }],
  ['a chain of proxies', { 'X-Forwarded-For': '203.0.113.9', Forwarded: 'for=203.0.113.9' }],
  [
    'headers that Connection declares hop-by-hop',
    { 'X-Real-IP': '203.0.113.9', Connection: 'close, X-Real-IP, X-Proxy-Secret' },
  ],
];

describe.each(programs)('%s', (name, program) => {
  const start = (changed: { readonly api?: string; readonly bucket?: string } = {}) =>
    startProxy(name, program, {
      api: laptop.endpoints.api,
      bucket: laptop.endpoints.s3,
      secret: SECRET,
      certificate,
      ...changed,
    });
  let proxy: ReverseProxy;
  const tokens: string[] = [];
  const issueToken = async (terms: object = {}): Promise<string> => {
    const { token } = await issue(terms);
    tokens.push(token);
    return token;
  };

  beforeAll(async () => {
    proxy = await start();
  });
  afterAll(() => proxy.close());

  test('a mailed link opens its page, and its button delivers the file once', async () => {
    const token = await laptop.mailedToken(`${name}@example.org`, NAME);
    tokens.push(token);
    const page = await request(`${proxy.url}/redeem?token=${token}`, { headers: { accept: 'text/html' } });
    expect(page.status).toBe(200);
    expect(page.body).toContain(`action="${ORIGIN}/redeem"`);

    const file = await press(proxy, token);
    expect(file.status).toBe(200);
    expect(file.body).toBe(TEXT);
    const again = await press(proxy, token);
    expect(again.status).toBe(403);
    expect(again.headers['content-type']).toContain('text/html');
  });

  test('a broken download can be repeated only with the cookie that came with the file', async () => {
    const token = await issueToken();
    const { headers } = await press(proxy, token);
    const [cookie = ''] = headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/^__Host-tvm-[0-9a-f]{32}=[\w-]{43}; Max-Age=600; /);
    const again = await press(proxy, token, { cookie: cookie.split(';', 1) });
    expect([again.status, again.body, again.headers['set-cookie']]).toEqual([200, TEXT, undefined]);
    expect((await press(proxy, token)).status).toBe(403);
  });

  test('the file arrives under its name, with headers that prevent storing, displaying, and resuming it', async () => {
    const { headers } = await press(proxy, await issueToken());
    expect(headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(TEXT.length),
      'content-disposition': `attachment; filename="ann?e 2031+1 (50%).txt"; filename*=UTF-8''ann%C3%A9e%202031%2B1%20%2850%25%29.txt`,
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex, nofollow',
      'accept-ranges': 'none',
    });
    const known = ['x-content-type-options', 'x-robots-tag'];
    const others = Object.keys(headers).filter(
      (header) => header.startsWith('x-') && !known.includes(header),
    );
    expect([...others, headers.etag, headers['last-modified'], headers.location]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('a program gets the file with its first GET, and 403 with its second', async () => {
    const address = `${proxy.url}/download?token=${await issueToken({ open: 'direct' })}`;
    expect(await request(address)).toMatchObject({ status: 200, body: TEXT });
    expect((await request(address)).status).toBe(403);
  });

  test("300 MB arrive byte for byte, without touching the proxy's disk", async () => {
    const slow = await open(`${proxy.url}/redeem`, pressed(await issueToken({ asset: 'large.bin' })));
    // Nobody reads this response until another client has the whole file, so the proxy has time to store the response.
    const other = await open(`${proxy.url}/redeem`, pressed(await issueToken({ asset: 'large.bin' })));
    expect(other.headers['content-length']).toBe(String(300_000_000));
    expect(await digestOf(other)).toBe(largeSha256);
    expect(proxy.openFiles()).toEqual([]);
    expect(await digestOf(slow)).toBe(largeSha256);
  });

  test('a download that the client aborts spends its link, and other downloads continue', async () => {
    const token = await issueToken({ asset: 'large.bin' });
    const response = await open(`${proxy.url}/redeem`, pressed(token));
    await once(response, 'readable');
    response.destroy();
    expect((await press(proxy, token)).status).toBe(403);
    expect((await press(proxy, await issueToken())).body).toBe(TEXT);
  });

  test.each(FORGED)(
    'a client that sends %s is still identified by its connection',
    async (_what, headers) => {
      const elsewhere = await issueToken({ allowedCidrs: ['203.0.113.0/24'] });
      const refused = await press(proxy, elsewhere, { ...headers, accept: 'application/json' });
      expect(JSON.parse(refused.body)).toMatchObject({ code: 'not_allowed_from_here' });
      const here = await issueToken({ allowedCidrs: ['127.0.0.1/32'] });
      expect(await press(proxy, here, headers)).toMatchObject({ status: 200, body: TEXT });
    },
  );

  test('a client that bypasses the proxy gets no file and spends no link, whatever it sends', async () => {
    const { api } = laptop.endpoints;
    const token = await issueToken();
    for (const [, headers] of FORGED) {
      const response = await request(
        `${api}/redeem`,
        pressed(token, { ...headers, accept: 'application/json' }),
      );
      expect(response.status).toBe(421);
      expect(JSON.parse(response.body)).toMatchObject({ code: 'use_proxy', address: `${ORIGIN}/redeem` });
      expect(Object.keys(response.headers).filter((header) => /accel|file/.test(header))).toEqual([]);
    }
    expect((await press(proxy, token)).body).toBe(TEXT);
  });

  test("a client cannot get a file by using the proxy's internal location or headers", async () => {
    const asked: unknown[] = [];
    const bucket = await startLoopbackServer({ port: 0 }, async ({ url }, response) => {
      asked.push(url);
      response.end('a file');
    });
    const other = await start({ bucket: bucket.url });
    try {
      const headers = { 'X-Accel-Redirect': '/_file', 'X-File-Path': '/', 'X-File-Query': '' };
      for (const path of ['/_file', '/%5ffile', '/x/../_file', '/_file?x']) {
        expect((await request(`${other.url}${path}`, { headers })).status).toBeGreaterThanOrEqual(400);
      }
      expect(asked).toEqual([]);
      // The proxy fetches a file only when the API responds to a redemption.
      expect((await press(other, await issueToken())).body).toBe('a file');
      expect(asked).toHaveLength(1);
    } finally {
      await other.close();
      await bucket.close();
    }
  });

  test('a range request is refused and spends no link', async () => {
    const token = await issueToken();
    for (const range of ['bytes=0-3', 'bytes=5-', 'bytes=-1']) {
      expect((await press(proxy, token, { range })).status).toBe(416);
    }
    expect((await press(proxy, token, { range: 'bytes=0-' })).body).toBe(TEXT);
  });

  test.each<[string, OutgoingHttpHeaders]>([
    ['a condition', { 'if-none-match': '*', 'if-modified-since': new Date().toUTCString() }],
    ['a conditional range', { range: 'bytes=0-', 'if-range': '"x"' }],
    ['credentials', { authorization: 'Basic eDp5', cookie: 'a=b' }],
    ['unsigned S3 headers', { 'x-amz-checksum-mode': 'ENABLED', 'x-amz-date': 'now' }],
    ['accepted encodings', { 'accept-encoding': 'gzip, deflate, br' }],
  ])('the file is the same despite %s in the request', async (_what, headers) => {
    expect(await press(proxy, await issueToken(), headers)).toMatchObject({ status: 200, body: TEXT });
  });

  test('a link that is delivered by redirect or as a stream also works through the proxy', async () => {
    const redirected = await press(proxy, await issueToken({ delivery: 'redirect' }));
    expect(redirected.status).toBe(302);
    expect(redirected.headers.location).toContain(laptop.endpoints.s3);
    const token = await issueToken({ delivery: 'stream' });
    expect(await request(`${proxy.url}/redeem/stream`, pressed(token))).toMatchObject({
      status: 200,
      body: TEXT,
    });
  });

  test('an error from the bucket becomes a 502 that shows no part of the presigned URL', async () => {
    const bucket = await startLoopbackServer({ port: 0 }, async (request, response) => {
      response.writeHead(403, { 'content-type': 'application/xml', 'x-amz-request-id': '1' });
      response.end(`<Error><StringToSign>${request.url}</StringToSign></Error>`);
    });
    const other = await start({ bucket: bucket.url });
    try {
      const response = await press(other, await issueToken());
      expect(response.status).toBe(502);
      expect(response.headers).toMatchObject({
        'cache-control': 'no-store',
        'content-type': expect.stringMatching(/^text\/plain/),
      });
      expect(response.body).toBe('The file could not be sent. Ask for a new link.');
      expect(JSON.stringify(response.headers)).not.toContain('amz');
    } finally {
      await other.close();
      await bucket.close();
    }
  });

  test('only an API with a valid certificate gets the secret', async () => {
    const stranger = makeCertificate();
    const seen = async ({ cert, key }: Certificate) => {
      const secrets: unknown[] = [];
      const api = createServer({ cert, key }, (request, response) => {
        secrets.push(request.headers['x-proxy-secret']);
        response.end('a response');
      }).listen(0, '127.0.0.1');
      await once(api, 'listening');
      const other = await start({ api: `https://127.0.0.1:${(api.address() as AddressInfo).port}/v1` });
      const { status } = await request(`${other.url}/redeem`);
      await other.close();
      await new Promise((resolve) => api.close(resolve));
      return { status, secrets };
    };
    expect(await seen(stranger)).toEqual({ status: 502, secrets: [] });
    expect(await seen(certificate)).toEqual({ status: 200, secrets: [SECRET] });
    stranger.remove();
  });

  test('logs contain paths, but no queries, tokens, presigned URLs, or secrets, even if a server is down', async () => {
    const nobody = 'http://127.0.0.1:1';
    const withoutBucket = await start({ bucket: nobody });
    const withoutApi = await start({ api: `${nobody}/v1` });
    try {
      const address = (at: ReverseProxy, token: string) => `${at.url}/download?token=${token}`;
      for (const at of [proxy, withoutBucket, withoutApi]) {
        const token = await issueToken({ open: 'direct' });
        const response = await request(address(at, token), { headers: { referer: address(at, token) } });
        expect(response.status).toBe(at === proxy ? 200 : 502);
      }
      // The response to this redemption contains a presigned URL. Its path appears in no other log line.
      expect((await press(proxy, await issueToken({ delivery: 'redirect' }))).status).toBe(302);
      for (const at of [withoutBucket, withoutApi, proxy]) {
        const logged = at.logged();
        expect(logged).toContain('/download');
        expect(tokens.filter((token) => logged.includes(token))).toEqual([]);
        expect(logged).not.toMatch(/X-Amz|token=|tvm_|gated|\/(redeem|download)\?/i);
        expect(logged).not.toContain(SECRET);
      }
    } finally {
      await withoutBucket.close();
      await withoutApi.close();
    }
  });
});

test('local mode prints neither the secret nor a presigned URL', () => {
  expect(laptop.said()).not.toContain(SECRET);
  expect(laptop.said()).not.toContain('X-Amz-Signature');
});
