import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../lambda/domain/errors.ts';
import type { Token } from '../../lambda/domain/ids.ts';
import type { TokenRecord } from '../../lambda/domain/records.ts';
import { createRedeemHandler } from '../../lambda/handlers/redeem.ts';
import { apiEvent, type GoldenName, type RequestDetails } from '../../laptop/test/support/api-event.ts';
import { call, createHandlerWorld, type HandlerWorld, PUBLIC_ORIGIN } from '../support/handler-world.ts';
import { faulty } from '../support/intercept.ts';
import { putMailedRecord, tokenOf } from '../support/memory-world.ts';

let world: HandlerWorld;
let record: TokenRecord;
let token: Token;

beforeEach(async () => {
  world = createHandlerWorld();
  record = await putMailedRecord(world);
  token = tokenOf(world, record);
});

const PAGE = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

function redeem(details: RequestDetails, golden: GoldenName = 'post-redeem-form', changed: object = {}) {
  return call(createRedeemHandler({ ...world, ...changed }), apiEvent(golden, details));
}

function form(text: string, headers: RequestDetails['headers'] = { Accept: '*/*' }): RequestDetails {
  return { body: new URLSearchParams({ token: text }).toString(), headers };
}

async function expectLive(): Promise<void> {
  expect((await world.store.find(record.tokenId)).receipt).toBeUndefined();
  expect((await redeem(form(token))).status).toBe(302);
}

describe('POST /redeem', () => {
  test('a redemption redirects to the presigned URL, and a second one gets 403 with the time of the first', async () => {
    const first = await redeem(form(token, PAGE));
    expect(first.status).toBe(302);
    expect(first.headers.Location).toMatch(/^https:\/\/files\.example\.org\/gated\/report\.pdf\?/);
    expect(first.headers['Cache-Control']).toBe('no-store');
    const second = await redeem(form(token));
    expect(second.json).toMatchObject({
      status: 403,
      code: 'token_redeemed',
      redeemedAt: '2031-05-17T10:20:30Z',
    });
  });

  test('a client that asks for JSON gets the URL and the details of the file', async () => {
    const response = await redeem({ body: { token }, headers: JSON_BOTH_WAYS });
    expect(response.status).toBe(200);
    expect(response.json).toEqual({
      url: expect.stringContaining('https://files.example.org/'),
      expiresAt: '2031-05-17T10:21:00Z',
      fileName: 'report.pdf',
      size: 2048,
    });
  });

  test.each<[string, (token: string) => string]>([
    ['truncated', (text) => text.slice(0, -1)],
    ['padded', (text) => `${text}=`],
    ['padded with a space', (text) => `${text} `],
    ['doubled', (text) => text + text],
    ['in uppercase', (text) => text.toUpperCase()],
    ['encoded in standard base64', (text) => `${text.slice(0, 20)}+${text.slice(21)}`],
    ['missing its prefix', (text) => text.slice(4)],
    ['empty', () => ''],
    ['3,000 characters long', () => 'x'.repeat(3000)],
  ])('a token that is %s gets 400 and is not spent', async (_name, change) => {
    const response = await redeem(form(change(token)));
    expect(response.status).toBe(400);
    expect(response.body).not.toContain(token);
    await expectLive();
  });

  test.each([
    ['two tokens', `token=x&token=y`, 'body'],
    ['an unknown field', `token=x&admin=1`, 'body'],
    ['no token', `other=1`, 'token'],
  ])('a form with %s gets 400', async (_name, body, field) => {
    expect((await redeem({ body, headers: { Accept: '*/*' } })).json).toMatchObject({
      status: 400,
      code: 'invalid_request',
      field,
    });
  });

  test('the page of an expired link says that the link was redeemed before, and when', async () => {
    await redeem(form(token));
    world.time.advance(900);
    const page = await redeem(form(token, PAGE));
    expect(page.status).toBe(403);
    expect(page.body).toContain('datetime="2031-05-17T10:20:30Z"');
  });

  test('an expired link gets 410, and its page offers a new link', async () => {
    world.time.advance(900);
    const response = await redeem(form(token));
    expect(response.json).toMatchObject({
      status: 410,
      code: 'token_expired',
      expiredAt: '2031-05-17T10:35:30Z',
    });
    const page = await redeem(form(token, PAGE));
    expect(page.status).toBe(410);
    expect(page.body).toContain(`${PUBLIC_ORIGIN}/redeem/renew`);
  });

  test('a redemption succeeds and reports an incident if the ledger cannot be written', async () => {
    const error = new Unavailable('ledger', undefined);
    const ledger = faulty(world.ledger, 'append', { lose: 'request', error });
    expect((await redeem(form(token), 'post-redeem-form', { ledger })).status).toBe(302);
    expect(world.telemetry.incidents).toEqual([{ incident: 'ledger-write-failed', tokenId: record.tokenId }]);
  });

  test('a body without headers, as test-invoke sends it, is read as JSON', async () => {
    const event = apiEvent('test-invoke-get-redeem', { route: 'POST /redeem', body: { token } });
    const response = await call(createRedeemHandler(world), event);
    expect(response.status).toBe(302);
  });

  test('the log of a redemption has the token ID, but neither the token nor the URL', async () => {
    const { headers } = await redeem(form(token));
    const logged = JSON.stringify([world.telemetry.lines, world.ledger.entries]);
    expect(logged).toContain(record.tokenId);
    expect(logged).not.toContain(token);
    expect(logged).not.toContain(headers.Location);
    expect(logged).not.toContain('X-Amz-Signature');
  });

  test('the receipt of a redemption has the source address', async () => {
    await redeem(form(token));
    const { receipt } = await world.store.find(record.tokenId);
    expect(receipt).toMatchObject({ kind: 'redeemed', sourceAddress: '203.0.113.7' });
  });
});

const JSON_BOTH_WAYS = { 'Content-Type': 'application/json', Accept: 'application/json' };

describe('GET /download', () => {
  function download(query: RequestDetails['query'], headers: RequestDetails['headers'] = { Accept: '*/*' }) {
    return redeem({ route: 'GET /download', query: query ?? {}, headers }, 'get-redeem');
  }

  test('a link that opens directly is redeemed once', async () => {
    const direct = await putMailedRecord(world, { open: 'direct' });
    const text = tokenOf(world, direct);
    expect((await download({ token: text })).status).toBe(302);
    expect((await download({ token: text })).status).toBe(403);
  });

  test('a link that must be confirmed is redirected to its page and not spent', async () => {
    const response = await download({ token });
    expect(response.status).toBe(302);
    expect(response.headers.Location).toBe(`${PUBLIC_ORIGIN}/redeem?token=${token}`);
    await expectLive();
  });

  test('a request with two tokens gets 400 and spends neither', async () => {
    const response = await download({ token: [token, token] });
    expect(response.json).toMatchObject({ status: 400, code: 'invalid_request', field: 'token' });
    await expectLive();
  });

  test.each([
    { 'Sec-Purpose': 'prefetch' },
    { 'Sec-Purpose': 'prefetch;prerender' },
    { Purpose: 'prefetch' },
    { 'X-Moz': 'prefetch' },
  ])('a prefetch with the header %j is refused and does not spend the token', async (headers) => {
    const direct = await putMailedRecord(world, { open: 'direct' });
    const text = tokenOf(world, direct);
    expect((await download({ token: text }, { Accept: '*/*', ...headers })).json).toMatchObject({
      status: 403,
    });
    expect((await download({ token: text })).status).toBe(302);
  });
});
