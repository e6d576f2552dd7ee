import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../laptop/test/support/eventually.ts';
import { signedFetch } from '../../laptop/test/support/signed-fetch.ts';
import { issueLink, issueLinks } from '../support/issue-links.ts';
import { type Laptop, postToken, startLaptop } from '../support/laptop.ts';
import { mailTo } from '../support/mail.ts';

let laptop: Laptop;
let api: string;

beforeAll(async () => {
  laptop = await startLaptop({ allowedRecipients: 'example.org' });
  ({ api } = laptop.endpoints);
  await laptop.offer('report.pdf', 'the report');
  await laptop.put('private/contract.pdf', 'the contract');
});
afterAll(() => laptop.close());

async function get(
  path: string,
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const response = await signedFetch(laptop.endpoints, 'GET', path);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function problemOf(response: Response): Promise<unknown> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return response.json();
}

describe('the links of one request', () => {
  test('have different tokens, each redeemable once, even if there are a hundred', async () => {
    const links = await issueLinks(laptop.endpoints, { asset: 'report.pdf', count: 100, open: 'direct' });
    expect(new Set(links.map(({ token }) => token)).size).toBe(100);
    const [first, second] = links;
    expect((await fetch(first?.url ?? '')).status).toBe(200);
    expect((await fetch(first?.url ?? '')).status).toBe(403);
    expect((await fetch(second?.url ?? '')).status).toBe(200);
  });

  test('are the same for every request with the same idempotency key, even for a hundred requests at once', async () => {
    const body = { asset: 'report.pdf', count: 3, expiresIn: 3600, note: 'for the board' };
    const named = { 'idempotency-key': 'board-2031-05' };
    const first = await issueLinks(laptop.endpoints, body, named);
    const again = await Promise.all(
      Array.from({ length: 100 }, () => issueLinks(laptop.endpoints, { ...body }, named)),
    );
    for (const links of again) expect(links).toEqual(first);

    const fresh = { 'idempotency-key': 'board-2031-06' };
    const together = await Promise.all(
      Array.from({ length: 100 }, () => issueLinks(laptop.endpoints, body, fresh)),
    );
    expect(new Set(together.map((links) => JSON.stringify(links))).size).toBe(1);
    const ids = new Set([...first, ...(together[0] ?? [])].map(({ tokenId }) => tokenId));
    const listed = await get('/links?asset=report.pdf&limit=100');
    const noted = (listed.body.links as { tokenId: string; note?: string }[]).filter(
      ({ note }) => note === 'for the board',
    );
    expect(noted.map(({ tokenId }) => tokenId).sort()).toEqual([...ids].sort());
  });
});

describe('a link with a recipient', () => {
  test('is mailed, can be left out of the response, and notifies the issuer when it is redeemed', async () => {
    const [link] = await issueLinks(laptop.endpoints, {
      asset: 'private/contract.pdf',
      recipient: 'bea@example.org',
      notify: 'issuer@example.org',
      reveal: false,
      note: 'contract 4711',
    });
    expect(Object.keys(link ?? {})).toEqual(['tokenId', 'expiresAt']);
    const { body } = await mailTo(laptop.endpoints.inbox, 'bea@example.org');
    const token = /tvm_[A-Za-z0-9_-]{52}/.exec(body.text ?? '')?.[0] ?? '';
    expect(body.text).not.toContain('4711');
    const shown = await eventually(
      () => get(`/links/${link?.tokenId}`),
      (seen) => (seen.body.mail as { state: string }).state === 'mailed',
    );
    expect(shown.body).toMatchObject({
      asset: 'private/contract.pdf',
      fileName: 'contract.pdf',
      recipient: 'bea@example.org',
      note: 'contract 4711',
      state: 'live',
      mail: { state: 'mailed' },
    });

    const redeemed = await postToken(`${api}/redeem`, token);
    expect(await (await fetch(redeemed.headers.get('location') ?? '')).text()).toBe('the contract');
    const notice = await mailTo(laptop.endpoints.inbox, 'issuer@example.org');
    expect(notice.body.text).toContain('contract.pdf');
    expect(notice.body.text).toContain(link?.tokenId ?? 'no id');
    expect(JSON.stringify(notice)).not.toMatch(/tvm_/);
    expect((await get(`/links/${link?.tokenId}`)).body).toMatchObject({
      state: 'redeemed',
      redeemedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  test('is refused for an address that is not on the allowlist', async () => {
    const response = await signedFetch(laptop.endpoints, 'POST', '/links', {
      asset: 'report.pdf',
      recipient: 'bea@example.com',
    });
    expect(await problemOf(response)).toMatchObject({ status: 403, code: 'recipient_not_allowed' });
  });
});

describe('private files', () => {
  test('are available to callers that sign their requests, but appear not to exist on the public form', async () => {
    const { url } = await issueLink(laptop.endpoints, { asset: 'private/contract.pdf', open: 'direct' });
    expect(await (await fetch(url)).text()).toBe('the contract');
    const asked = await fetch(`${api}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'bea@example.org', asset: 'private/contract.pdf' }),
    });
    expect(await problemOf(asked)).toMatchObject({ status: 404, code: 'asset_not_found' });
  });
});

describe('a link that is limited to certain networks', () => {
  test('is refused from elsewhere without being spent, and reveals nothing about the file', async () => {
    const { token, url } = await issueLink(laptop.endpoints, {
      asset: 'report.pdf',
      allowedCidrs: ['192.0.2.0/24', '2001:db8::/32'],
    });
    const refused = await postToken(`${api}/redeem`, token);
    expect(await problemOf(refused)).toMatchObject({ status: 403, code: 'not_allowed_from_here' });
    const page = await (await fetch(url, { headers: { accept: 'text/html' } })).text();
    expect(page).not.toContain('report.pdf');
    const claimed = await fetch(`${api}/redeem`, {
      method: 'POST',
      headers: { 'x-forwarded-for': '192.0.2.7' },
      body: new URLSearchParams({ token }),
    });
    expect(claimed.status).toBe(403);

    const here = await issueLink(laptop.endpoints, { asset: 'report.pdf', allowedCidrs: ['127.0.0.0/8'] });
    expect((await postToken(`${api}/redeem`, here.token)).status).toBe(302);
  });
});

describe('delivery as a stream', () => {
  const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');

  test('redirects the button’s request without spending the link, and sends the exact bytes once, without a URL', async () => {
    const bytes = randomBytes(3_000_001);
    await laptop.offer('Bericht „α“.bin', bytes);
    const { token, tokenId } = await issueLink(laptop.endpoints, {
      asset: 'Bericht „α“.bin',
      delivery: 'stream',
    });
    const sent = await postToken(`${api}/redeem`, token);
    expect(sent.status).toBe(307);
    expect(sent.headers.get('location')).toBe(`${api}/redeem/stream`);
    const refusedPart = await fetch(`${api}/redeem/stream`, {
      method: 'POST',
      headers: { range: 'bytes=5-' },
      body: new URLSearchParams({ token }),
    });
    expect(await problemOf(refusedPart)).toMatchObject({ status: 416, code: 'range_refused' });

    // This client follows the button's redirect.
    const response = await fetch(`${api}/redeem`, { method: 'POST', body: new URLSearchParams({ token }) });
    expect(response.status).toBe(200);
    expect(response.url).toBe(`${api}/redeem/stream`);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-disposition')).toContain("filename*=UTF-8''");
    expect(response.headers.get('content-security-policy')).toContain('sandbox');
    expect(sha256(new Uint8Array(await response.arrayBuffer()))).toBe(sha256(bytes));

    const again = await fetch(`${api}/redeem`, { method: 'POST', body: new URLSearchParams({ token }) });
    expect(await problemOf(again)).toMatchObject({ status: 403, code: 'token_redeemed' });
    const { body } = await eventually(
      () => get(`/links/${tokenId}`),
      (seen) => seen.body.delivered !== undefined,
    );
    expect(body).toMatchObject({ delivered: { outcome: 'delivered', bytes: bytes.length } });
  });

  test('delivers the bytes to a program that sends a GET', async () => {
    const { url } = await issueLink(laptop.endpoints, {
      asset: 'report.pdf',
      delivery: 'stream',
      open: 'direct',
    });
    const response = await fetch(url);
    expect(response.url).toContain('/download/stream?token=');
    expect(await response.text()).toBe('the report');
    expect((await fetch(url)).status).toBe(403);
  });
});
