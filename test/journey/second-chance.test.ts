import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { RunningService } from '../../laptop/src/loopback-server.ts';
import { signedFetch } from '../../laptop/test/support/signed-fetch.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { issueLink, type NewLink } from '../support/issue-links.ts';
import { type Laptop, postJson, startLaptop } from '../support/laptop.ts';
import { samplePdf } from '../support/pdfs.ts';

/* Tests second chances over HTTP, with downloads that are interrupted in the middle of the file. */

const BYTES = randomBytes(2_000_000);
const SHA256 = createHash('sha256').update(BYTES).digest('hex');

let laptop: Laptop;
/** A proxy that cuts files in half while `cuts` is `every file`. */
let proxy: RunningService;
let upstream: string;
let cuts: 'every file' | 'nothing';

beforeAll(async () => {
  laptop = await startLaptop({ secondChance: 'on', watermarks: 'on' });
  await laptop.offer('large.bin', BYTES);
  await laptop.offer('paper.pdf', await samplePdf([{}, {}]));
  proxy = await startFaultProxy(
    () => upstream,
    (_target, { url }) => {
      const isFile = url?.includes('/redeem/stream') || url?.includes('X-Amz-Signature');
      return cuts === 'every file' && isFile
        ? { fate: 'cut-response', afterBytes: BYTES.length / 2 }
        : { fate: 'pass' };
    },
  );
});
afterAll(async () => {
  await proxy?.close();
  await laptop?.close();
});
beforeEach(() => {
  cuts = 'nothing';
});

interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly end: 'complete' | 'cut';
}

/** Sends a request through the proxy, with the `Host` of the server behind it. */
function send(url: string, method: string, headers: IncomingHttpHeaders, body = ''): Promise<Received> {
  const { origin, host, pathname, search } = new URL(url);
  upstream = origin;
  const { hostname, port } = new URL(proxy.url);
  return new Promise((resolve, reject) => {
    const path = `${pathname}${search}`;
    const sent = request({ hostname, port, method, path, headers: { ...headers, host } }, (response) => {
      const pieces: Buffer[] = [];
      const done = (end: Received['end']) =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(pieces),
          end,
        });
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', () => done('cut'));
      response.on('end', () => done('complete'));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** A minimal browser that follows redirects and keeps cookies. */
class Jar {
  readonly #cookies = new Map<string, string>();
  /** The attributes of the last cookie. */
  terms = '';
  /** The URL from which it last fetched the file. */
  last = '';

  /** Presses the button of a link, and returns the response with the file, or the refusal. */
  async press(token: string): Promise<Received> {
    const form = new URLSearchParams({ token }).toString();
    let url = `${laptop.endpoints.api}/redeem`;
    let method = 'POST';
    for (;;) {
      const response = await this.#fetch(url, method, method === 'POST' ? form : '');
      const { location } = response.headers;
      if (location === undefined) return response;
      if (response.status === 302) method = 'GET';
      url = location;
      this.last = url;
    }
  }

  async #fetch(url: string, method: string, body: string): Promise<Received> {
    const isOwn = url.startsWith(laptop.endpoints.api);
    const response = await send(
      url,
      method,
      {
        accept: 'text/html',
        ...(method === 'POST' && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...(isOwn && { cookie: [...this.#cookies].map((pair) => pair.join('=')).join('; ') }),
      },
      body,
    );
    for (const cookie of response.headers['set-cookie'] ?? []) {
      const [, name = '', value = '', terms = ''] = /^([^=]+)=([^;]+); (.*)$/.exec(cookie) ?? [];
      this.#cookies.set(name, value);
      this.terms = terms;
    }
    return response;
  }

  get names(): readonly string[] {
    return [...this.#cookies.keys()];
  }

  get secrets(): readonly string[] {
    return [...this.#cookies.values()];
  }
}

const shown = async ({ tokenId }: NewLink) =>
  (await (await signedFetch(laptop.endpoints, 'GET', `/links/${tokenId}`)).json()) as object;

describe.each(['redirect', 'stream'] as const)(
  'a download by %s that is interrupted in the middle of the file',
  (delivery) => {
    test('can be repeated three times from the same browser, and never from another', async () => {
      const link = await issueLink(laptop.endpoints, { asset: 'large.bin', delivery });
      const browser = new Jar();
      cuts = 'every file';
      const first = await browser.press(link.token);
      expect([first.status, first.end]).toEqual([200, 'cut']);
      expect(first.body.length).toBeLessThan(BYTES.length);
      expect(browser.names).toEqual([`__Host-tvm-${link.tokenId}`]);
      expect(browser.terms).toBe('Max-Age=600; Path=/; Secure; HttpOnly; SameSite=Strict');

      cuts = 'nothing';
      expect((await new Jar().press(link.token)).status).toBe(403);
      for (let time = 1; time <= 3; time += 1) {
        const again = await browser.press(link.token);
        expect([again.status, again.end]).toEqual([200, 'complete']);
        expect(createHash('sha256').update(again.body).digest('hex')).toBe(SHA256);
        expect((await new Jar().press(link.token)).status).toBe(403);
      }
      expect((await browser.press(link.token)).status).toBe(403);
      expect(await shown(link)).toMatchObject({ state: 'redeemed' });
    });
  },
);

test('a second chance’s URL can resume an interrupted download, and is valid until the chance ends', async () => {
  const { token } = await issueLink(laptop.endpoints, { asset: 'large.bin' });
  const browser = new Jar();
  await browser.press(token);
  expect(Number(new URL(browser.last).searchParams.get('X-Amz-Expires'))).toBe(30);
  cuts = 'every file';
  const { body } = await browser.press(token);
  const { searchParams } = new URL(browser.last);
  expect(Number(searchParams.get('X-Amz-Expires'))).toBeGreaterThan(500);
  cuts = 'nothing';
  const rest = await send(browser.last, 'GET', { range: `bytes=${body.length}-` });
  expect(rest.status).toBe(206);
  expect(Buffer.concat([body, rest.body]).equals(BYTES)).toBe(true);
});

test('the page of a redeemed link offers the file again until somebody reports the redemption', async () => {
  const { token } = await issueLink(laptop.endpoints, { asset: 'large.bin' });
  const browser = new Jar();
  await browser.press(token);
  const page = async () => {
    const headers = { accept: 'text/html' };
    return (await fetch(`${laptop.endpoints.api}/redeem?token=${token}`, { headers })).text();
  };
  for (let time = 0; time < 5; time += 1) expect(await page()).toContain('Get the file again');
  expect((await browser.press(token)).status).toBe(200);

  const reported = await postJson(`${laptop.endpoints.api}/redeem/report`, { token });
  expect(reported.status).toBe(200);
  expect(await page()).not.toContain('Get the file again');
  expect((await browser.press(token)).status).toBe(403);
});

test('a stamped copy can be downloaded again, byte for byte, only if the issuer chose a second chance', async () => {
  const asked = { asset: 'paper.pdf', delivery: 'stream', watermark: true, watermarkName: 'Ada' };
  const { token } = await issueLink(laptop.endpoints, { ...asked, secondChance: true });
  const browser = new Jar();
  const first = await browser.press(token);
  expect(first.status).toBe(200);
  const again = await browser.press(token);
  expect(again.status).toBe(200);
  expect(again.body.equals(first.body)).toBe(true);

  const plain = new Jar();
  const once = await issueLink(laptop.endpoints, asked);
  expect((await plain.press(once.token)).status).toBe(200);
  expect((await plain.press(once.token)).status).toBe(403);
});

test('the secret of the cookie is not stored anywhere', async () => {
  const { token } = await issueLink(laptop.endpoints, { asset: 'large.bin' });
  const browser = new Jar();
  await browser.press(token);
  await browser.press(token);
  const [secret = ''] = browser.secrets;
  expect(secret).toHaveLength(43);
  const files = await readdir(laptop.dataDir, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const file of files.filter((entry) => entry.isFile())) {
    const path = join(file.parentPath, file.name);
    if ((await readFile(path)).includes(secret)) found.push(path);
  }
  expect(found).toEqual([]);
  expect(laptop.said()).not.toContain(secret);
});
