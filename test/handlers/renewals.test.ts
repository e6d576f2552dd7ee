import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../lambda/domain/errors.ts';
import type { Token } from '../../lambda/domain/ids.ts';
import { requestLink } from '../../lambda/domain/request-link.ts';
import { createRedeemHandler } from '../../lambda/handlers/redeem.ts';
import { createRenewalsHandler } from '../../lambda/handlers/renewals.ts';
import { apiEvent, type RequestDetails } from '../../laptop/test/support/api-event.ts';
import {
  call,
  createHandlerWorld,
  type HandlerResponse,
  type HandlerWorld,
  PUBLIC_ORIGIN,
} from '../support/handler-world.ts';
import { faulty } from '../support/intercept.ts';
import { putMailedRecord, tokenOf } from '../support/memory-world.ts';
import { assetName, email } from '../support/values.ts';

let world: HandlerWorld;
let token: Token;

beforeEach(async () => {
  world = createHandlerWorld();
  world.files.offer('report.pdf');
  await requestLink(world, { address: email('ada@example.org'), asset: assetName('report.pdf') });
  const [tokenId] = world.queue.messages.splice(0);
  const { record } = tokenId === undefined ? {} : await world.store.find(tokenId);
  if (record === undefined) throw new Error('no link was issued');
  token = tokenOf(world, record);
});

const PAGE = { Accept: 'text/html' };
const ANY = { Accept: '*/*' };

function post(path: 'renew' | 'report', text: string, headers: RequestDetails['headers'] = ANY) {
  const body = new URLSearchParams({ token: text }).toString();
  const event = apiEvent('post-redeem-form', { route: `POST /redeem/${path}`, body, headers: headers ?? {} });
  return call(createRenewalsHandler(world), event);
}

async function redeem(): Promise<void> {
  const event = apiEvent('post-redeem-form', { body: `token=${token}`, headers: ANY });
  expect((await call(createRedeemHandler(world), event)).status).toBe(302);
}

describe('POST /redeem/renew', () => {
  test('a redeemed link is renewed by mail to its address, which is never shown', async () => {
    await redeem();
    world.time.advance(61);
    const response = await post('renew', token, PAGE);
    expect(response.status).toBe(202);
    expect(response.body).not.toContain('ada@example.org');
    const [tokenId] = world.queue.messages;
    const issued = world.ledger.entries.findLast(({ event }) => event === 'issued');
    expect(issued).toMatchObject({ tokenId, address: 'ada@example.org', asset: 'report.pdf' });
  });

  test('an expired link is renewed even if TTL has removed its record', async () => {
    world.time.advance(86_400);
    for (const tokenId of world.store.records.keys()) world.store.records.delete(tokenId);
    expect((await post('renew', token)).json).toEqual({ status: 'accepted', expiresInMinutes: 15 });
    expect(world.queue.messages).toHaveLength(1);
  });

  test('even a renewal with an invalid token counts against the rate limit of its source', async () => {
    for (let request = 0; request < 60; request += 1) await post('renew', 'x');
    expect((await post('renew', token)).status).toBe(429);
  });

  test('a renewal gets the same response after the same minimum time, whether or not it sends an e-mail', async () => {
    await redeem();
    const silent = await post('renew', token);
    world.time.advance(61);
    expect(await post('renew', token)).toEqual(silent);
    expect(world.queue.messages).toHaveLength(1);
    expect(world.waits).toHaveLength(2);
  });

  test('a renewal counts as an e-mail that its source requested', async () => {
    world.time.advance(86_400);
    await post('renew', token);
    expect(world.quota.countOf('source-mails/')).toBe(1);
  });

  test('a renewal of a live link is redirected to the page of the link and sends nothing', async () => {
    const response = await post('renew', token);
    expect(response.status).toBe(302);
    expect(response.headers.Location).toBe(`${PUBLIC_ORIGIN}/redeem?token=${token}`);
    expect(world.queue.messages).toEqual([]);
  });

  test('a renewal with a forged token, or of an API link, is refused and sends nothing', async () => {
    expect((await post('renew', `${token.slice(0, -2)}AA`)).json).toMatchObject({ code: 'invalid_token' });
    const issued = await putMailedRecord(world, { issuedBy: 'arn:aws:iam::111122223333:user/x' });
    world.time.advance(900);
    expect((await post('renew', tokenOf(world, issued))).json).toMatchObject({ code: 'token_expired' });
    expect(world.queue.messages).toEqual([]);
  });
});

describe('POST /redeem/report', () => {
  test('twenty reports of one redemption get the same response, but are recorded and counted once', async () => {
    await redeem();
    const responses: HandlerResponse[] = [];
    for (let press = 0; press < 20; press += 1) responses.push(await post('report', token, PAGE));
    expect(responses[0]?.status).toBe(200);
    expect(responses).toEqual(responses.map(() => responses[0]));
    expect((await post('report', token)).json).toEqual({ status: 'reported' });
    expect(world.ledger.entries.filter(({ event }) => event === 'reported')).toHaveLength(1);
    expect(world.telemetry.milestones.filter((one) => one === 'RedemptionReported')).toHaveLength(1);
  });

  test('the log line of a report contains the token ID, so that anyone who responds to the alarm can find the link', async () => {
    await redeem();
    await post('report', token);
    const [reported] = world.ledger.entries.filter(({ event }) => event === 'reported');
    const line = world.telemetry.lines.find(({ outcome }) => outcome === 'reported');
    expect(line?.tokenId).toBe(reported?.tokenId);
    expect(line?.tokenId).toBeDefined();
  });

  test('a report that could not be recorded gets 503, and is counted when it is repeated', async () => {
    await redeem();
    const error = new Unavailable('ledger', undefined);
    world = { ...world, ledger: faulty(world.ledger, 'append', { lose: 'request', error, times: 1 }) };
    expect((await post('report', token)).status).toBe(503);
    expect(world.telemetry.milestones).not.toContain('RedemptionReported');
    expect((await post('report', token)).status).toBe(200);
    expect(world.telemetry.milestones).toContain('RedemptionReported');
  });

  test('a report that got 503 raises an alarm, because it may have been recorded, and a second report would raise none', async () => {
    await redeem();
    const error = new Unavailable('ledger', undefined);
    world = { ...world, ledger: faulty(world.ledger, 'append', { lose: 'response', error, times: 1 }) };
    expect((await post('report', token)).status).toBe(503);
    expect((await post('report', token)).status).toBe(200);
    expect(world.telemetry.milestones).not.toContain('RedemptionReported');
    const [reported] = world.ledger.entries.filter(({ event }) => event === 'reported');
    expect(world.telemetry.incidents).toEqual([{ incident: 'report-failed', tokenId: reported?.tokenId }]);
  });

  test('a redemption can be reported after the link has expired', async () => {
    await redeem();
    world.time.advance(86_400);
    expect((await post('report', token)).status).toBe(200);
  });

  test('a report of a live link or a forged token is refused and not recorded', async () => {
    expect((await post('report', token)).json).toMatchObject({ status: 403, code: 'token_unknown' });
    expect((await post('report', 'x')).json).toMatchObject({ status: 400, code: 'invalid_token' });
    expect(world.ledger.entries.filter(({ event }) => event === 'reported')).toEqual([]);
  });
});
