import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Token } from '../../lambda/domain/ids.ts';
import type { TokenRecord } from '../../lambda/domain/records.ts';
import { createPagesHandler } from '../../lambda/handlers/pages.ts';
import { apiEvent, type GoldenName, type RequestDetails } from '../../laptop/test/support/api-event.ts';
import {
  call,
  createHandlerWorld,
  FILES_ORIGIN,
  type HandlerWorld,
  PUBLIC_ORIGIN,
} from '../support/handler-world.ts';
import { putMailedRecord, tokenOf } from '../support/memory-world.ts';

let world: HandlerWorld;
let record: TokenRecord;
let token: Token;

beforeEach(async () => {
  world = createHandlerWorld();
  record = await putMailedRecord(world);
  token = tokenOf(world, record);
});

const PAGE = { Accept: 'text/html' };
const JSON_ONLY = { Accept: 'application/json' };

function get(golden: GoldenName, details: RequestDetails) {
  return call(createPagesHandler(world), apiEvent(golden, details));
}

describe('GET /', () => {
  test('the form contains the given file name, and its Content-Security-Policy lets it redirect to the bucket', async () => {
    const response = await get('get-form', { query: { asset: 'report.pdf' }, headers: PAGE });
    expect(response.status).toBe(200);
    expect(response.body).toContain(`action="${PUBLIC_ORIGIN}/token"`);
    expect(response.body).toContain('report.pdf');
    expect(response.headers['Content-Security-Policy']).toContain(`form-action 'self' ${FILES_ORIGIN}`);
    expect(response.headers['Content-Security-Policy']).toContain("frame-ancestors 'none'");
  });

  test('the Content-Security-Policy of a page opened without the reverse proxy lets forms post to the proxy', async () => {
    const handler = createPagesHandler({ ...world, proxySecretSha256: 'a1'.repeat(32) });
    const response = await call(handler, apiEvent('get-form', { query: {}, headers: PAGE }));
    const { origin } = new URL(PUBLIC_ORIGIN);
    expect(response.headers['Content-Security-Policy']).toMatch(
      new RegExp(`form-action 'self' ${FILES_ORIGIN} ${origin}$`),
    );
  });

  test('the form is empty if no file is given', async () => {
    expect((await get('get-form', { query: {}, headers: PAGE })).status).toBe(200);
  });

  test('a request for the form with an invalid file name gets 400, and the name is not echoed', async () => {
    const response = await get('get-form', { query: { asset: '../<b>x' }, headers: PAGE });
    expect(response.status).toBe(400);
    expect(response.body).not.toContain('<b>x');
  });
});

describe('GET /redeem', () => {
  test('the confirmation page can be opened any number of times without spending the token', async () => {
    for (let look = 0; look < 3; look += 1) {
      const response = await get('get-redeem', { query: { token }, headers: PAGE });
      expect(response.status).toBe(200);
      expect(response.body).toContain('report.pdf');
      expect(response.body.match(/<button/g)).toHaveLength(1);
    }
    expect(await world.store.find(record.tokenId)).toEqual({ record });
    expect(world.ledger.later).toEqual([]);
  });

  test('a client that asks for JSON gets the state of the link and the details of its file', async () => {
    const response = await get('get-redeem', { query: { token }, headers: JSON_ONLY });
    expect(response.json).toEqual({
      status: 'live',
      fileName: 'report.pdf',
      type: 'application/pdf',
      size: 2048,
      expiresAt: '2031-05-17T10:35:30Z',
    });
  });

  test('an expired link gets a 410 page that offers a new link and does not show the address', async () => {
    world.time.advance(900);
    const response = await get('get-redeem', { query: { token }, headers: PAGE });
    expect(response.status).toBe(410);
    expect(response.body).toContain(`action="${PUBLIC_ORIGIN}/redeem/renew"`);
    expect(response.body).not.toContain('ada@example.org');
  });

  test('an invalid, missing, or repeated token gets 400', async () => {
    const wrong = await get('get-redeem', { query: { token: 'x' }, headers: JSON_ONLY });
    expect(wrong.json).toMatchObject({ status: 400, code: 'invalid_token' });
    const twice = await get('get-redeem', { query: { token: [token, token] }, headers: JSON_ONLY });
    expect(twice.json).toMatchObject({ status: 400, code: 'invalid_request', field: 'token' });
    const none = await get('get-redeem', { query: {}, headers: JSON_ONLY });
    expect(none.json).toMatchObject({ status: 400, code: 'invalid_request', field: 'token' });
  });

  test('a forged token gets the same response before and after the genuine one expires', async () => {
    const forged = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    const live = await get('get-redeem', { query: { token: forged }, headers: JSON_ONLY });
    world.time.advance(900);
    const expired = await get('get-redeem', { query: { token: forged }, headers: JSON_ONLY });
    expect(expired).toEqual(live);
    expect(live.status).toBe(400);
  });

  test('a prefetch of the page is refused', async () => {
    const response = await get('get-redeem', {
      query: { token },
      headers: { ...PAGE, 'Sec-Purpose': 'prefetch' },
    });
    expect(response.status).toBe(403);
  });

  test('a request from test-invoke, which sends no headers, gets the page', async () => {
    const response = await get('test-invoke-get-redeem', { query: { token } });
    expect(response.status).toBe(200);
  });
});

describe('HEAD /redeem', () => {
  test('a HEAD request gets an empty 200 for any token, without a call to KMS', async () => {
    for (const text of [token, 'x', '']) {
      const response = await get('head-redeem', { query: { token: text } });
      expect(response).toMatchObject({ status: 200, body: '' });
    }
    expect(world.keys.asked).toEqual([]);
  });
});
