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
  const full = { ...world, report: world.telemetry.report };
  record = await putMailedRecord(full);
  token = tokenOf(full, record);
});

const PAGE = { Accept: 'text/html' };
const JSON_ONLY = { Accept: 'application/json' };

function get(golden: GoldenName, details: RequestDetails) {
  return call(createPagesHandler(world), apiEvent(golden, details));
}

describe('GET /', () => {
  test('has the form for a file, under a policy that lets a form end at the bucket', async () => {
    const answer = await get('get-form', { query: { asset: 'report.pdf' }, headers: PAGE });
    expect(answer.status).toBe(200);
    expect(answer.body).toContain(`action="${PUBLIC_ORIGIN}/token"`);
    expect(answer.body).toContain('report.pdf');
    expect(answer.headers['Content-Security-Policy']).toContain(`form-action 'self' ${FILES_ORIGIN}`);
    expect(answer.headers['Content-Security-Policy']).toContain("frame-ancestors 'none'");
  });

  test('asks for the name when none was given', async () => {
    expect((await get('get-form', { query: {}, headers: PAGE })).status).toBe(200);
  });

  test('refuses a name that is none, without echoing it', async () => {
    const answer = await get('get-form', { query: { asset: '../<b>x' }, headers: PAGE });
    expect(answer.status).toBe(400);
    expect(answer.body).not.toContain('<b>x');
  });
});

describe('GET /redeem', () => {
  test('shows the file and one button, as often as anyone looks, and spends nothing', async () => {
    for (let look = 0; look < 3; look += 1) {
      const answer = await get('get-redeem', { query: { token }, headers: PAGE });
      expect(answer.status).toBe(200);
      expect(answer.body).toContain('report.pdf');
      expect(answer.body.match(/<button/g)).toHaveLength(1);
      expect(answer.body.match(/<script/g)).toHaveLength(1);
      expect(answer.body).not.toMatch(/\.submit\(|\.click\(|http-equiv|autofocus/);
    }
    expect(await world.store.find(record.tokenId)).toEqual({ record });
    expect(world.ledger.later).toEqual([]);
  });

  test('gives a client the same facts as JSON', async () => {
    const answer = await get('get-redeem', { query: { token }, headers: JSON_ONLY });
    expect(answer.json).toEqual({
      status: 'live',
      fileName: 'report.pdf',
      type: 'application/pdf',
      size: 2048,
      expiresAt: '2031-05-17T10:35:30Z',
    });
  });

  test('offers a new link on an expired one whose signature is genuine', async () => {
    world.time.advance(900);
    const answer = await get('get-redeem', { query: { token }, headers: PAGE });
    expect(answer.status).toBe(410);
    expect(answer.body).toContain(`action="${PUBLIC_ORIGIN}/redeem/renew"`);
    expect(answer.body).not.toContain('ada@example.org');
  });

  test('refuses what is no token, and a token given twice', async () => {
    const wrong = await get('get-redeem', { query: { token: 'x' }, headers: JSON_ONLY });
    expect(wrong.json).toMatchObject({ status: 400, code: 'invalid_token' });
    const twice = await get('get-redeem', { query: { token: [token, token] }, headers: JSON_ONLY });
    expect(twice.json).toMatchObject({ status: 400, code: 'invalid_request', field: 'token' });
    const none = await get('get-redeem', { query: {}, headers: JSON_ONLY });
    expect(none.json).toMatchObject({ status: 400, code: 'invalid_request', field: 'token' });
  });

  test('gives a stranger with a forged token the same answer for every state of the real one', async () => {
    const forged = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    const live = await get('get-redeem', { query: { token: forged }, headers: JSON_ONLY });
    world.time.advance(900);
    const expired = await get('get-redeem', { query: { token: forged }, headers: JSON_ONLY });
    expect(expired).toEqual(live);
    expect(live.status).toBe(400);
  });

  test('refuses a prefetch', async () => {
    const answer = await get('get-redeem', {
      query: { token },
      headers: { ...PAGE, 'Sec-Purpose': 'prefetch' },
    });
    expect(answer.status).toBe(403);
  });

  test('answers test-invoke, which sends no headers, with the page', async () => {
    const answer = await get('test-invoke-get-redeem', { query: { token } });
    expect(answer.status).toBe(200);
  });

  test('never asks for a key of a future or ancient month', async () => {
    const asked = world.keys.asked.length;
    const bytes = Buffer.from(token.slice(4), 'base64url');
    for (const epoch of [0, 1, 65_535, bytes.readUInt16BE(1) + 1, bytes.readUInt16BE(1) - 27]) {
      bytes.writeUInt16BE(epoch, 1);
      const query = { token: `tvm_${bytes.toString('base64url')}` };
      expect((await get('get-redeem', { query, headers: JSON_ONLY })).status).toBe(400);
    }
    expect(world.keys.asked).toHaveLength(asked);
  });
});

describe('HEAD /redeem', () => {
  test('answers 200 and nothing, whatever the token, and reads nothing', async () => {
    for (const text of [token, 'x', '']) {
      const answer = await get('head-redeem', { query: { token: text } });
      expect(answer).toMatchObject({ status: 200, body: '' });
    }
    expect(world.keys.asked).toEqual([]);
  });
});
