import { beforeEach, describe, expect, test } from '@jest/globals';
import { presenceCodeOf } from '../../lambda/domain/presence-code.ts';
import type { TokenRecord } from '../../lambda/domain/records.ts';
import { createMintHandler } from '../../lambda/handlers/mint.ts';
import { createPagesHandler } from '../../lambda/handlers/pages.ts';
import { createRedeemHandler } from '../../lambda/handlers/redeem.ts';
import { createRenewalsHandler } from '../../lambda/handlers/renewals.ts';
import { apiEvent } from '../../laptop/test/support/api-event.ts';
import { call, createHandlerWorld, type HandlerWorld } from '../support/handler-world.ts';
import { putMailedRecord, tokenOf } from '../support/memory-world.ts';
import { differing, PRESENCE_KEY } from '../support/presence-codes.ts';
import { forms, textOf } from '../unit/views/reading.ts';

const PAGE = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

let world: HandlerWorld;
let record: TokenRecord;
let token: string;
let right: string;

beforeEach(async () => {
  world = { ...createHandlerWorld(), presenceKey: async () => PRESENCE_KEY };
  record = await putMailedRecord(world, { presenceCode: true });
  token = tokenOf(world, record);
  right = presenceCodeOf(record.tokenId, PRESENCE_KEY);
});

const redeem = (code: string, headers: Readonly<Record<string, string>> = PAGE) =>
  call(
    createRedeemHandler(world),
    apiEvent('post-redeem-form', { body: new URLSearchParams({ token, code }).toString(), headers }),
  );

describe('requesting a link that asks for a code', () => {
  test('the page after the request shows the code', async () => {
    const body = { email: 'grace@example.org', asset: 'report.pdf' };
    const event = apiEvent('post-token-json', {
      body,
      headers: { ...PAGE, 'Content-Type': 'application/json' },
    });
    const { status, body: page } = await call(createMintHandler(world), event);
    expect(status).toBe(202);
    const made = [...world.store.records.values()].at(-1);
    const code = presenceCodeOf(made?.tokenId ?? record.tokenId, PRESENCE_KEY);
    expect(textOf(page)).toContain(`${code.slice(0, 3)} ${code.slice(3)}`);
  });

  test('a renewed link has a new code', async () => {
    world.time.advance(900);
    const headers = { Accept: 'application/json' };
    const event = apiEvent('post-redeem-form', {
      route: 'POST /redeem/renew',
      body: new URLSearchParams({ token }).toString(),
      headers,
    });
    const { json } = await call(createRenewalsHandler(world), event);
    const made = [...world.store.records.values()].at(-1);
    expect(made?.tokenId).not.toBe(record.tokenId);
    expect(json).toMatchObject({
      presenceCode: presenceCodeOf(made?.tokenId ?? record.tokenId, PRESENCE_KEY),
    });
  });
});

describe('redeeming a link that asks for a code', () => {
  test('the page of the link asks for the code', async () => {
    const event = apiEvent('get-redeem', { query: { token }, headers: PAGE });
    const { body } = await call(createPagesHandler(world), event);
    expect(forms(body)[0]?.fields.map(({ name }) => name)).toEqual(['token', 'code']);
  });

  test.each([
    ['', 403, 'Please enter the code.'],
    ['12 34', 400, 'The code has six digits'],
  ])('the input %j gets the page again, with an error', async (code, status, words) => {
    const response = await redeem(code);
    expect(response.status).toBe(status);
    expect(textOf(response.body)).toContain(words);
    expect(forms(response.body)[0]?.fields.map(({ name }) => name)).toEqual(['token', 'code']);
  });

  test('a wrong code gets the page again, with the number of remaining attempts and without the code', async () => {
    const wrong = differing(right, 1);
    const { status, body } = await redeem(wrong);
    expect(status).toBe(403);
    expect(textOf(body)).toContain('You can try 4 more times');
    expect(body).not.toContain(wrong);
    expect(body).not.toContain(right);
  });

  test('a program gets a problem for a wrong code, and the file for the right one', async () => {
    const headers = { Accept: 'application/json' };
    expect((await redeem(differing(right, 3), headers)).json).toMatchObject({
      status: 403,
      code: 'wrong_code',
      attemptsLeft: 4,
    });
    expect((await redeem(right, headers)).json).toMatchObject({ fileName: 'report.pdf' });
  });

  test('the fifth wrong code gets the page of a revoked link', async () => {
    for (let count = 0; count < 4; count += 1) await redeem(differing(right, 2));
    const { status, body } = await redeem(differing(right, 2));
    expect(status).toBe(403);
    expect(textOf(body)).toContain('The wrong code was entered five times');
  });

  test('no code is logged', async () => {
    await redeem(differing(right, 1));
    await redeem(right);
    const logged = JSON.stringify(world.telemetry.lines.map(({ requestId: _, ...line }) => line));
    expect(logged).toContain('wrong_code');
    for (const code of [right, differing(right, 1)]) expect(logged).not.toContain(code);
  });
});
