import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signedFetch } from '../../laptop/test/support/signed-fetch.ts';
import { issueLink } from '../support/issue-links.ts';
import { type Laptop, postJson, postToken, startLaptop } from '../support/laptop.ts';

let laptop: Laptop;
let api: string;
let people = 0;

beforeAll(async () => {
  laptop = await startLaptop();
  ({ api } = laptop.endpoints);
  await laptop.offer('report.pdf', 'the report');
});
afterAll(() => laptop.close());

/** Returns an address that no test has used before. */
function someone(): string {
  people += 1;
  return `person${people}@example.org`;
}

async function problemOf(response: Response): Promise<unknown> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return response.json();
}

describe('a form link', () => {
  test('delivers the exact bytes, and a second redemption gets 403 with the time of the first', async () => {
    const bytes = randomBytes(300_000);
    await laptop.offer('Übersicht 2031.pdf', bytes);
    const token = await laptop.mailedToken(someone(), 'Übersicht 2031.pdf');

    const from = Date.now();
    const redeemed = await postToken(`${api}/redeem`, token);
    const to = Date.now();
    expect(redeemed.status).toBe(302);
    const download = await fetch(redeemed.headers.get('location') ?? '');
    const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
    expect(sha256(new Uint8Array(await download.arrayBuffer()))).toBe(sha256(bytes));
    expect(download.headers.get('content-disposition')).toContain(
      "filename*=UTF-8''%C3%9Cbersicht%202031.pdf",
    );

    const again = await postToken(`${api}/redeem`, token);
    expect(again.status).toBe(403);
    const problem = (await problemOf(again)) as { redeemedAt: string };
    expect(problem).toMatchObject({ code: 'token_redeemed' });
    // The receipt stores whole seconds.
    expect(Date.parse(problem.redeemedAt)).toBeGreaterThan(from - 1000);
    expect(Date.parse(problem.redeemedAt)).toBeLessThanOrEqual(to);
  });

  test('is not spent by GET, HEAD, a prefetch, a request for JSON, or a visit to the download URL', async () => {
    const token = await laptop.mailedToken(someone(), 'report.pdf');
    const link = `${api}/redeem?token=${token}`;
    const page = await fetch(link, { headers: { accept: 'text/html' } });
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('report.pdf');
    expect((await fetch(link, { method: 'HEAD' })).status).toBe(200);
    expect((await fetch(link, { headers: { 'sec-purpose': 'prefetch' } })).status).toBe(403);
    expect(
      (await fetch(`${api}/download?token=${token}`, { redirect: 'manual' })).headers.get('location'),
    ).toBe(link);
    const facts = await fetch(link, { headers: { accept: 'application/json' } });
    expect(await facts.json()).toMatchObject({ status: 'live', fileName: 'report.pdf', size: 10 });
    expect((await postToken(`${api}/redeem`, token)).status).toBe(302);
  });

  test('has exactly one winner among 20 simultaneous POSTs', async () => {
    const token = await laptop.mailedToken(someone(), 'report.pdf');
    const responses = await Promise.all(Array.from({ length: 20 }, () => postToken(`${api}/redeem`, token)));
    const statuses = responses.map(({ status }) => status).sort();
    expect(statuses).toEqual([302, ...Array<number>(19).fill(403)]);
    await Promise.all(responses.map((response) => response.text()));
  });
});

describe('after a link has ended,', () => {
  test('one press mails a new link to the recipient of the old one', async () => {
    const address = someone();
    await laptop.offer('renewed.pdf', 'again');
    const token = await laptop.mailedToken(address, 'renewed.pdf');
    await postToken(`${api}/redeem`, token);
    const page = await postToken(`${api}/redeem`, token, 'text/html');
    expect(page.status).toBe(403);
    const text = await page.text();
    expect(text).toContain(`${api}/redeem/renew`);
    expect(text).not.toContain(address);
    expect((await postToken(`${api}/redeem/renew`, token)).status).toBe(202);
  });
});

describe('links for programs', () => {
  test('are denied before the function runs if the request is not signed', async () => {
    const response = await postJson(`${api}/links`, { asset: 'report.pdf' });
    expect(response.status).toBe(403);
    expect(await problemOf(response)).toMatchObject({ status: 403, code: 'access_denied' });
  });

  test('can be issued by an IAM caller, redeemed once by GET, and revoked', async () => {
    const link = await issueLink(laptop.endpoints, { asset: 'report.pdf', open: 'direct' });
    expect((await fetch(link.url, { method: 'HEAD', redirect: 'manual' })).status).toBe(403);
    const first = await fetch(link.url);
    expect(await first.text()).toBe('the report');
    expect((await fetch(link.url)).status).toBe(403);
    const late = await signedFetch(laptop.endpoints, 'DELETE', `/links/${link.tokenId}`);
    expect(late.status).toBe(409);

    const { tokenId, token } = await issueLink(laptop.endpoints, { asset: 'report.pdf' });
    expect((await signedFetch(laptop.endpoints, 'DELETE', `/links/${tokenId}`)).status).toBe(204);
    const revoked = await postToken(`${api}/redeem`, token);
    expect(await problemOf(revoked)).toMatchObject({ status: 403, code: 'token_revoked' });
  });
});

describe('any other request', () => {
  test.each([
    ['PUT', '/redeem'],
    ['OPTIONS', '/redeem'],
    ['DELETE', '/redeem'],
    ['GET', '/token'],
    ['HEAD', '/download'],
    ['PATCH', '/links'],
    ['GET', '/nothing'],
  ])('such as %s %s gets the response for an unknown route', async (method, path) => {
    const response = await fetch(`${api}${path}`, { method });
    expect(response.status).toBe(403);
    expect(response.headers.get('cache-control')).toBe('no-store');
    if (method !== 'HEAD') expect(await problemOf(response)).toMatchObject({ code: 'access_denied' });
  });
});
