import { beforeEach, describe, expect, test } from '@jest/globals';
import { redeemToken } from '../../../lambda/domain/deliveries.ts';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import type { TokenRecord } from '../../../lambda/domain/records.ts';
import { type RenewLinkDependencies, renewLink } from '../../../lambda/domain/renew-link.ts';
import { requestLink } from '../../../lambda/domain/request-link.ts';
import { revokeToken } from '../../../lambda/domain/revoke-token.ts';
import { faulty } from '../../support/intercept.ts';
import { issuedLink } from '../../support/link-request.ts';
import { createMemoryWorld, type MemoryWorld, tokenOf } from '../../support/memory-world.ts';
import { redeemRequest } from '../../support/redeem-request.ts';
import { assetName, email } from '../../support/values.ts';

const SENT = { ok: true, value: {} };
const OPERATOR = 'arn:aws:iam::111122223333:role/operator';

let world: MemoryWorld;
let record: TokenRecord;
let token: string;

beforeEach(async () => {
  world = createMemoryWorld();
  world.files.offer('report.pdf');
  await requestLink(world, { address: email('Ada@example.org'), asset: assetName('report.pdf') });
  const [requested] = world.store.records.values();
  if (requested === undefined) throw new Error('no record');
  record = requested;
  token = tokenOf(world, record);
});

const renew = (deps: Partial<RenewLinkDependencies> = {}, text = token) =>
  renewLink({ ...world, ...deps }, text);
const redeem = () => redeemToken(world, redeemRequest(token));
const newRecords = () =>
  [...world.store.records.values()].filter(({ tokenId }) => tokenId !== record.tokenId);

describe('renewing a link', () => {
  test('renewing an expired link mails a new one to the same address', async () => {
    world.time.advance(900);
    expect(await renew()).toEqual(SENT);
    expect(newRecords()).toMatchObject([
      { recipient: { address: 'Ada@example.org' }, asset: { name: 'report.pdf' }, open: 'confirm' },
    ]);
    expect(world.queue.messages).toHaveLength(2);
  });

  test('renewing a redeemed link mails another token and does not revive the old one', async () => {
    await redeem();
    world.time.advance(60);
    expect(await renew()).toEqual(SENT);
    const [renewed] = newRecords();
    if (renewed === undefined) throw new Error('no new record');
    expect(tokenOf(world, renewed)).not.toBe(token);
    expect(await redeem()).toMatchObject({ ok: false, error: { code: 'token_redeemed' } });
  });

  test('a renewal during the cooldown gets the same response, but no e-mail', async () => {
    await redeem();
    expect(await renew()).toEqual(SENT);
    expect(newRecords()).toEqual([]);
    expect(world.ledger.entries.at(-1)).toMatchObject({ event: 'refused', reason: 'cooldown' });
  });
});

describe('refusing to renew a link', () => {
  test('a live link cannot be renewed', async () => {
    expect(await renew()).toEqual({ ok: false, error: { code: 'still_live' } });
    expect(world.queue.messages).toHaveLength(1);
  });

  test('a revoked link cannot be renewed', async () => {
    await revokeToken(world, record.tokenId, { by: OPERATOR, reach: { kind: 'all' } });
    expect(await renew()).toMatchObject({ ok: false, error: { code: 'token_revoked' } });
    expect(world.queue.messages).toHaveLength(1);
  });

  test('an API link without a recipient cannot be renewed, and the refusal says how the link ended', async () => {
    const link = await issuedLink(world);
    world.time.advance(3600);
    expect(await renew({}, link.token)).toEqual({
      ok: false,
      error: { code: 'token_expired', at: link.record.expiresAt, renewal: 'none' },
    });
    expect(world.queue.messages).toHaveLength(1);
  });

  test('a link to a missing file cannot be renewed', async () => {
    world.files.remove('report.pdf');
    world.time.advance(900);
    expect(await renew()).toEqual({ ok: false, error: { code: 'asset_not_found' } });
  });

  test.each(['find', 'recipientOf'] as const)(
    'no new link is issued if %s() is unavailable',
    async (method) => {
      world.time.advance(900);
      const error = new Unavailable('a port', 'down');
      const broken =
        method === 'find'
          ? { store: faulty(world.store, method, { lose: 'request', error }) }
          : { history: faulty(world.history, method, { lose: 'request', error }) };
      await expect(renew(broken)).rejects.toBe(error);
      expect(newRecords()).toEqual([]);
    },
  );
});
