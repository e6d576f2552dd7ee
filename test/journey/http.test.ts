import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readInbox } from '../../laptop/src/inbox.ts';
import { eventually } from '../../laptop/test/support/eventually.ts';
import { signedFetch } from '../../laptop/test/support/signed-fetch.ts';
import { issueLink } from '../support/issue-links.ts';
import { type Laptop, postJson, postToken, startLaptop } from '../support/laptop.ts';
import { mailTo } from '../support/mail.ts';

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

  test('leaves one receipt, and no redeemable record', async () => {
    const token = await laptop.mailedToken(someone(), 'report.pdf');
    await postToken(`${api}/redeem`, token);
    const tokenId = Buffer.from(token.slice(4), 'base64url').subarray(7, 23).toString('hex');
    const { dynamodb, region, tokenTable, receiptTable, accessKeyId, secretAccessKey } = laptop.endpoints;
    const client = new DynamoDBClient({
      endpoint: dynamodb,
      region,
      credentials: { accessKeyId, secretAccessKey },
    });
    const tables = DynamoDBDocumentClient.from(client);
    const row = (TableName: string) => tables.send(new GetCommand({ TableName, Key: { tokenId } }));
    expect((await row(receiptTable)).Item).toMatchObject({ kind: 'redeemed', tokenId });
    expect((await row(tokenTable)).Item).toBeUndefined();
    client.destroy();
  });
});

describe('a request on the public form', () => {
  test('causes at most one e-mail a minute to an address, and always gets the same response', async () => {
    const address = someone();
    const body = { email: address, asset: 'report.pdf' };
    const first = await postJson(`${api}/token`, body);
    const second = await postJson(`${api}/token`, body);
    expect(await second.text()).toBe(await first.text());
    expect([first.status, second.status]).toEqual([202, 202]);
    await mailTo(laptop.endpoints.inbox, address);
    const other = someone();
    await laptop.mailedToken(other, 'report.pdf');
    const mails = await readInbox(laptop.endpoints.inbox);
    expect(mails.filter(({ destination }) => destination.to.includes(address))).toHaveLength(1);
  });

  test('with an invalid field gets a problem that names the field', async () => {
    const response = await postJson(`${api}/token`, { email: 'nobody', asset: 'report.pdf' });
    expect(response.status).toBe(400);
    expect(await problemOf(response)).toMatchObject({ code: 'invalid_request', field: 'email' });
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

  test('a redemption that is reported twenty times counts only once for the alarm', async () => {
    const token = await laptop.mailedToken(someone(), 'report.pdf');
    await postToken(`${api}/redeem`, token);
    for (let press = 0; press < 20; press += 1) {
      expect((await postToken(`${api}/redeem/report`, token)).status).toBe(200);
    }
    const log = await eventually(
      () => readFile(join(laptop.dataDir, 'logs', 'renewals.log'), 'utf8'),
      (text) => text.match(/"outcome":"reported-before"/g)?.length === 19,
    );
    expect(log.match(/"RedemptionReported":1/g)).toHaveLength(1);
  });
});

describe('links for programs', () => {
  test('are denied to an unsigned caller before the function runs', async () => {
    const response = await postJson(`${api}/links`, { asset: 'report.pdf' });
    expect(response.status).toBe(403);
    expect(await problemOf(response)).toMatchObject({ status: 403, code: 'access_denied' });
  });

  test('can be issued by a signed caller, redeemed once by GET, and revoked', async () => {
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
