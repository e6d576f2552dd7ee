import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import { issueLinks } from '../../../lambda/domain/issue-links.ts';
import type { TokenRecord } from '../../../lambda/domain/records.ts';
import { redeemToken } from '../../../lambda/domain/redemption.ts';
import { type RenewLinkDependencies, renewLink } from '../../../lambda/domain/renew-link.ts';
import { requestLink } from '../../../lambda/domain/request-link.ts';
import { revokeToken } from '../../../lambda/domain/revoke-token.ts';
import { faulty } from '../../support/intercept.ts';
import { CALLER, createMemoryWorld, type MemoryWorld, tokenOf } from '../../support/memory-world.ts';
import { assetName, email } from '../../support/values.ts';

const SENT = { ok: true, value: undefined };
const OPERATOR = 'arn:aws:iam::111122223333:role/operator';

let world: MemoryWorld;
let record: TokenRecord;
let token: string;

beforeEach(async () => {
  world = createMemoryWorld();
  world.files.offer('report.pdf');
  await requestLink(world, { address: email('Ada@example.org'), asset: assetName('report.pdf') });
  const [asked] = world.store.records.values();
  if (asked === undefined) throw new Error('no record');
  record = asked;
  token = tokenOf(world, record);
});

const renew = (deps: Partial<RenewLinkDependencies> = {}, text = token) =>
  renewLink({ ...world, ...deps }, text);
const redeem = () =>
  redeemToken(world, { token, opening: 'confirm', sourceAddress: '192.0.2.7', userAgent: '' });
const newRecords = () =>
  [...world.store.records.values()].filter(({ tokenId }) => tokenId !== record.tokenId);

describe('a new link for an old one', () => {
  test('is sent for an expired link, to the address it was mailed to', async () => {
    world.time.advance(900);
    expect(await renew()).toEqual(SENT);
    expect(newRecords()).toMatchObject([
      { recipient: { address: 'Ada@example.org' }, asset: { name: 'report.pdf' }, open: 'confirm' },
    ]);
    expect(world.queue.messages).toHaveLength(2);
  });

  test('is written in the language of who asks for it now', async () => {
    world.time.advance(900);
    expect(await renewLink(world, token, { language: 'de' })).toEqual(SENT);
    expect(newRecords().map(({ language }) => language)).toEqual(['de']);
  });

  test('is sent for an expired link whose row was removed long ago', async () => {
    world.time.advance(90 * 86_400);
    world.store.records.clear();
    expect(await renew()).toEqual(SENT);
    expect(newRecords()).toHaveLength(1);
  });

  test('is sent for a redeemed link', async () => {
    await redeem();
    world.time.advance(60);
    expect(await renew()).toEqual(SENT);
    expect(newRecords()).toHaveLength(1);
  });

  test('is another token; the old one stays as ended as it was', async () => {
    await redeem();
    world.time.advance(60);
    await renew();
    expect(newRecords().map((fresh) => tokenOf(world, fresh))).not.toContain(token);
    expect(await redeem()).toMatchObject({ ok: false, error: { code: 'token_redeemed' } });
  });

  test('is counted like any other request, and refused as silently', async () => {
    await redeem();
    expect(await renew()).toEqual(SENT);
    expect(newRecords()).toEqual([]);
    expect(world.ledger.entries.at(-1)).toMatchObject({ event: 'refused', reason: 'cooldown' });
  });
});

describe('no new link is sent', () => {
  test('while the old one still works', async () => {
    expect(await renew()).toEqual({ ok: false, error: { code: 'still_live' } });
    expect(world.queue.messages).toHaveLength(1);
  });

  test('on a token that is not genuine', async () => {
    world.time.advance(900);
    expect(await renew({}, `${token.slice(0, -2)}AA`)).toEqual({
      ok: false,
      error: { code: 'invalid_token' },
    });
    expect(world.queue.messages).toHaveLength(1);
  });

  test('for a link that was revoked', async () => {
    await revokeToken(world, record.tokenId, { by: OPERATOR, reach: { kind: 'all' } });
    expect(await renew()).toMatchObject({ ok: false, error: { code: 'token_revoked' } });
    expect(world.queue.messages).toHaveLength(1);
  });

  test('for a link that nobody was mailed, with the old refusal', async () => {
    const asset = assetName('report.pdf');
    const links = await issueLinks(world, {
      asset,
      caller: CALLER,
      lifetimeSeconds: 60,
      open: 'confirm',
      delivery: 'redirect',
      count: 1,
      language: 'en',
    });
    const [link] = links.ok ? links.value : [];
    if (link === undefined) throw new Error('not issued');
    world.time.advance(60);
    expect(await renew({}, link.token)).toEqual({
      ok: false,
      error: { code: 'token_expired', at: link.record.expiresAt, renewal: 'none' },
    });
    expect(world.queue.messages).toHaveLength(1);
  });

  test("for a link that a signed caller had mailed: its terms are that caller's", async () => {
    const links = await issueLinks(world, {
      asset: assetName('report.pdf'),
      caller: CALLER,
      lifetimeSeconds: 60,
      open: 'confirm',
      delivery: 'stream',
      count: 1,
      recipient: email('grace@example.org'),
      language: 'en',
    });
    const [link] = links.ok ? links.value : [];
    if (link === undefined) throw new Error('not issued');
    const sent = world.queue.messages.length;
    world.time.advance(60);
    expect(await renew({}, link.token)).toMatchObject({ ok: false, error: { code: 'token_expired' } });
    expect(world.queue.messages).toHaveLength(sent);
  });

  test('for a file that is gone', async () => {
    world.files.remove('report.pdf');
    world.time.advance(900);
    expect(await renew()).toEqual({ ok: false, error: { code: 'asset_not_found' } });
  });

  test.each(['find', 'recipientOf'] as const)('when %s is not reachable', async (method) => {
    world.time.advance(900);
    const error = new Unavailable('a port', 'down');
    const broken =
      method === 'find'
        ? { store: faulty(world.store, method, { lose: 'request', error }) }
        : { history: faulty(world.history, method, { lose: 'request', error }) };
    await expect(renew(broken)).rejects.toBe(error);
    expect(newRecords()).toEqual([]);
  });
});
