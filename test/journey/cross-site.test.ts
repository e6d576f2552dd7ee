import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Laptop, postJson, postToken, startLaptop } from '../support/laptop.ts';

/*
 * Tests that neither pages on other sites nor requests that our pages never send can use up the rate limit of a
 * visitor's network, which would lock out everybody in it. All requests here come from one source, whose limit is
 * twelve requests an hour.
 */

const LIMIT = 12;
const COUNTED = ['/token', '/redeem/renew', '/redeem/report'];

let laptop: Laptop;
let api: string;
let token: string;

beforeAll(async () => {
  laptop = await startLaptop({
    sourceLimitPerHour: String(LIMIT),
    allowedOrigins: 'https://www.example.org',
  });
  ({ api } = laptop.endpoints);
  await laptop.offer('report.pdf', 'the report');
  token = await laptop.mailedToken('ada@example.org', 'report.pdf');
  expect((await postToken(`${api}/redeem`, token)).status).toBe(302);
});
afterAll(() => laptop.close());

/** Sends a request more often than the limit allows, and returns the distinct statuses of the responses. */
async function pastLimit(path: string, request: RequestInit): Promise<readonly number[]> {
  const responses = await Promise.all(
    Array.from({ length: LIMIT + 2 }, () => fetch(`${api}${path}`, { redirect: 'manual', ...request })),
  );
  await Promise.all(responses.map((response) => response.arrayBuffer()));
  return [...new Set(responses.map(({ status }) => status))];
}

const form = () => new URLSearchParams({ email: 'ada@example.org', asset: 'report.pdf' });

/** The kinds of POST requests that a page can make its visitor's browser send without a preflight. */
const kinds: readonly (readonly [string, () => RequestInit])[] = [
  ['a form', () => ({ body: form() })],
  ['a form with a token', () => ({ body: new URLSearchParams({ token }) })],
  ['a multipart form', () => ({ body: new FormData() })],
  ['text', () => ({ body: JSON.stringify({ token }) })],
  ['a body without a media type', () => ({ body: Buffer.from(JSON.stringify({ token })) })],
  ['nothing', () => ({})],
];

describe.each(COUNTED)('POST %s:', (path) => {
  test.each(kinds)('a cross-site post of %s is refused and not counted', async (_what, request) => {
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    expect(await pastLimit(path, { method: 'POST', headers, ...request() })).toEqual([403]);
  });

  test('a request that our pages never send is refused and not counted', async () => {
    expect(await pastLimit(path, { method: 'POST', body: 'text' })).toEqual([415]);
    expect(
      await pastLimit(path, { method: 'POST', body: new URLSearchParams({ x: 'x'.repeat(9000) }) }),
    ).toEqual([413]);
  });
});

test.each([
  ['GET', '/?asset=report.pdf', 200],
  ['GET', '/redeem?token=x', 400],
  ['HEAD', '/redeem?token=x', 200],
  ['GET', '/download?token=x', 400],
  ['GET', '/download/stream?token=x', 400],
  ['POST', '/redeem', 400],
  ['POST', '/redeem/stream', 400],
  ['OPTIONS', '/token', 204],
  ['OPTIONS', '/redeem/report', 403],
  ['GET', '/redeem/report', 403],
])('%s %s from a page on another site is not counted', async (method, path, status) => {
  const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
  const body = method === 'POST' ? { body: new URLSearchParams({ token: 'x' }) } : {};
  expect(await pastLimit(path, { method, headers, ...body })).toEqual([status]);
});

// Must be the last test, because it uses up the limit.
test('genuine requests from the same source are still served, and only they are counted', async () => {
  const asked = await postJson(`${api}/token`, { email: 'eve@example.org', asset: 'report.pdf' });
  expect(asked.status).toBe(202);
  expect((await postToken(`${api}/redeem/renew`, token)).status).toBe(202);
  expect((await postToken(`${api}/redeem/report`, token)).status).toBe(200);
  const listed = await fetch(`${api}/token`, {
    method: 'POST',
    headers: { 'sec-fetch-site': 'cross-site', origin: 'https://www.example.org' },
    body: form(),
  });
  expect(listed.status).toBe(202);

  // Five requests have been counted: the four above, and the one that mailed the token.
  const left = LIMIT - 5;
  const statuses: number[] = [];
  for (let request = 0; request <= left; request += 1) {
    statuses.push((await postToken(`${api}/redeem/report`, token)).status);
  }
  expect(statuses).toEqual([...Array<number>(left).fill(200), 429]);
});
