import { beforeEach, describe, expect, test } from '@jest/globals';
import { deliverMail } from '../../../lambda/domain/deliver-mail.ts';
import { redeemToken } from '../../../lambda/domain/deliveries.ts';
import { describeLink } from '../../../lambda/domain/describe-link.ts';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import { handleBounce } from '../../../lambda/domain/handle-bounce.ts';
import { type CallerId, type Cidr, epochSeconds, type TokenId } from '../../../lambda/domain/ids.ts';
import {
  type IssuedLink,
  type IssueLinksDependencies,
  issueLinks,
} from '../../../lambda/domain/issue-links.ts';
import { type IssueLinksRequest, LARGEST_STREAM } from '../../../lambda/domain/plan-links.ts';
import { presentCollection } from '../../../lambda/domain/present-collection.ts';
import type { TokenRecord } from '../../../lambda/domain/records.ts';
import { revokeToken } from '../../../lambda/domain/revoke-token.ts';
import { COLLECTION_TOKEN, signToken } from '../../../lambda/domain/token.ts';
import { faulty, noted } from '../../support/intercept.ts';
import { issuedLink, linkRequest } from '../../support/link-request.ts';
import {
  CALLER,
  createMemoryWorld,
  type MemoryWorld,
  putMailedRecord,
  sealed,
  tokenOf,
} from '../../support/memory-world.ts';
import { redeemRequest } from '../../support/redeem-request.ts';
import { assetName, email } from '../../support/values.ts';

const NAMES = ['plan.pdf', 'budget.pdf', 'minutes.pdf'] as const;
const ADA = email('ada@example.org');
const KEYED = { name: 'a-request', digest: 'a-digest' };
const OWN = { by: CALLER.arn, reach: { kind: 'own', callerId: CALLER.id } } as const;
const down = { lose: 'request', error: new Unavailable('token store', 'no response') } as const;

let world: MemoryWorld;
beforeEach(() => {
  world = createMemoryWorld();
  for (const name of NAMES) world.files.offer(name);
});

const FILES = { asset: assetName(NAMES[0]), more: NAMES.slice(1).map(assetName) };

const issue = (
  details: Partial<IssueLinksRequest> = {},
  deps: Partial<IssueLinksDependencies> = {},
  repetition?: typeof KEYED,
) => issueLinks({ ...world, ...deps }, linkRequest({ ...FILES, ...details }), repetition);

const issued = (
  details: Partial<IssueLinksRequest> = {},
  deps: Partial<IssueLinksDependencies> = {},
  repetition?: typeof KEYED,
) => issuedLink({ ...world, ...deps }, { ...FILES, ...details }, repetition);

const memberIds = ({ record }: IssuedLink) => (record.files ?? []).map(({ tokenId }) => tokenId);
const present = (token: string, sourceAddress = '192.0.2.7') =>
  presentCollection(world, token, sourceAddress);
const redeem = (token: string) => redeemToken(world, redeemRequest(token));
const revoke = (tokenId: TokenId, deps: Partial<MemoryWorld> = {}) =>
  revokeToken({ ...world, ...deps }, tokenId, OWN);

async function standings(token: string) {
  const shown = await present(token);
  if (!shown.ok) throw new Error(`not shown: ${shown.error.code}`);
  return shown.value.files.map(({ standing }) => standing);
}

async function liveTokens(token: string): Promise<readonly string[]> {
  return (await standings(token)).flatMap((each) => (each.state === 'live' ? [each.token] : []));
}

describe('issuing a collection', () => {
  test('a collection gets one link, and each file gets an ordinary token whose record names the collection', async () => {
    const link = await issued();
    expect(link.token).toMatch(/^tvc_[A-Za-z0-9_-]{52}$/);
    expect(link.record.files?.map(({ asset }) => asset.name)).toEqual(NAMES);
    expect(world.store.records.size).toBe(4);
    for (const [index, tokenId] of memberIds(link).entries()) {
      expect(world.store.records.get(tokenId)).toMatchObject({
        asset: { name: NAMES[index] },
        collection: link.record.tokenId,
      });
    }
  });

  test("the file records are written before the collection's record, and the e-mail is queued last", async () => {
    const calls: string[] = [];
    const store = noted(world.store, 'store', calls);
    await issued({ recipient: ADA }, { store, queue: noted(world.queue, 'queue', calls) });
    expect(calls).toEqual(['store.put', 'store.put', 'store.put', 'store.put', 'queue.send']);
    expect([...world.store.records.values()].map(({ files }) => files !== undefined)).toEqual([
      ...[false, false, false],
      true,
    ]);
  });

  test.each(NAMES.map((name, index) => [name, index + 1] as const))(
    "if %s is not offered, nothing is issued, and the refusal names the file's position",
    async (name, position) => {
      world.files.remove(name);
      expect(await issue()).toEqual({ ok: false, error: { code: 'asset_not_found', position } });
      expect(world.store.records.size).toBe(0);
    },
  );

  test('a file that is too large to stream, archived, or tagged for watermarks is refused with its position', async () => {
    world.files.offer('budget.pdf', { size: LARGEST_STREAM + 1 });
    expect(await issue({ delivery: 'stream' })).toMatchObject({
      error: { code: 'asset_too_large', position: 2 },
    });
    world.files.archive('minutes.pdf');
    expect(await issue()).toMatchObject({ error: { code: 'unavailable', position: 3 } });
    world.files.offer('plan.pdf', { watermark: true });
    expect(await issue()).toMatchObject({
      error: { code: 'invalid_request', field: 'assets', position: 1 },
    });
    expect(world.store.records.size).toBe(0);
  });

  test('a repeated request with the same idempotency key gets the same links and writes no records', async () => {
    const first = await issued({}, {}, KEYED);
    const [token = ''] = await liveTokens(first.token);
    await redeem(token);
    expect(await issued({}, {}, KEYED)).toEqual(first);
    expect(world.store.records.size).toBe(3);
  });

  test.each([0, 1, 2, 3])(
    'if the put at index %i fails, no collection is written and no e-mail is queued, and a retry does both',
    async (puts) => {
      let left = puts;
      const put: MemoryWorld['store']['put'] = async (record) => {
        if (left === 0) throw down.error;
        left -= 1;
        await world.store.put(record);
      };
      const store = { ...world.store, put };
      await expect(issue({ recipient: ADA }, { store }, KEYED)).rejects.toThrow(Unavailable);
      expect([...world.store.records.values()].filter(({ files }) => files)).toEqual([]);
      expect(world.queue.messages).toEqual([]);
      const link = await issued({ recipient: ADA }, {}, KEYED);
      expect(await liveTokens(link.token)).toHaveLength(3);
      expect(world.store.records.size).toBe(4);
      expect(world.queue.messages).toHaveLength(1);
    },
  );

  test("a collection counts as one e-mail against its caller's limit", async () => {
    const limits = { ...world.limits, callerMailsPerDay: 2 };
    await issued({ recipient: ADA }, { limits });
    await issued({ recipient: ADA }, { limits });
    expect(await issue({ recipient: ADA }, { limits })).toMatchObject({
      error: { code: 'quota_exceeded' },
    });
  });
});

describe('the page of a collection', () => {
  test('the page says when each file was redeemed or revoked', async () => {
    const link = await issued();
    const at = epochSeconds(world.clock());
    const [first = ''] = await liveTokens(link.token);
    await redeem(first);
    await revoke(memberIds(link)[1] as TokenId);
    world.time.advance(60);
    expect(await standings(link.token)).toMatchObject([
      { state: 'redeemed', at },
      { state: 'revoked', at },
      { state: 'live' },
    ]);
  });

  test('opening the page changes nothing', async () => {
    const { token } = await issued();
    const before = structuredClone([world.store.records, world.store.receipts, world.ledger.entries]);
    await standings(token);
    expect([world.store.records, world.store.receipts, world.ledger.entries]).toEqual(before);
  });

  test("a collection's token redeems nothing, and no other kind of token opens a collection", async () => {
    const { record, token } = await issued();
    expect(await redeem(token)).toMatchObject({ error: { code: 'invalid_token' } });
    const [member = ''] = await liveTokens(token);
    expect(await present(member)).toMatchObject({ error: { code: 'invalid_token' } });
    expect(await present(token.replace('tvc_', 'tvm_'))).toMatchObject({ error: { code: 'invalid_token' } });
    // Nobody can make this token without the key.
    expect(await redeem(tokenOf(world, record))).toMatchObject({ error: { code: 'token_unknown' } });
    const single = await putMailedRecord(world, { issuedBy: CALLER.arn, open: 'direct', asset: 'plan.pdf' });
    const asCollection = signToken(single, world.keys.derive(single.keyEpoch), COLLECTION_TOKEN);
    expect(await present(asCollection)).toMatchObject({ error: { code: 'token_unknown' } });
  });

  test('a collection whose record was changed without the key is unknown', async () => {
    const { record, token } = await issued();
    const other = await putMailedRecord(world, { delivery: 'stream' });
    const files = [{ tokenId: other.tokenId, asset: other.asset }];
    world.store.records.set(record.tokenId, { ...record, files });
    expect(await present(token)).toMatchObject({ error: { code: 'token_unknown' } });
  });

  test('a file whose record does not name the collection is shown as gone, even if the collection lists the file', async () => {
    const { record, token } = await issued();
    const other = await putMailedRecord(world, { delivery: 'stream' });
    const files = [{ tokenId: other.tokenId, asset: other.asset }];
    world.store.records.set(record.tokenId, sealed(world, { ...record, files }));
    expect(await standings(token)).toEqual([{ state: 'gone' }]);
  });

  test('a file whose record was changed without the key is shown as gone', async () => {
    const link = await issued();
    const [tokenId] = memberIds(link);
    const member = tokenId && world.store.records.get(tokenId);
    if (!member) throw new Error('no member');
    world.store.records.set(member.tokenId, { ...member, delivery: 'stream' });
    expect((await standings(link.token)).map(({ state }) => state)).toEqual(['gone', 'live', 'live']);
  });

  test('a form link cannot be a collection or belong to one', async () => {
    const record: TokenRecord = await putMailedRecord(world);
    const files = [{ tokenId: record.tokenId, asset: record.asset }];
    world.store.records.set(record.tokenId, { ...record, files });
    const token = signToken(record, world.keys.derive(record.keyEpoch), COLLECTION_TOKEN);
    expect(await present(token)).toMatchObject({ error: { code: 'token_unknown' } });
    expect(await deliverMail(world, record.tokenId)).toBe('refused');
    world.store.records.set(record.tokenId, { ...record, collection: record.tokenId });
    expect(await redeem(tokenOf(world, record))).toMatchObject({ error: { code: 'token_unknown' } });
  });

  test('the allowed networks of a collection apply to its page and to each file', async () => {
    const { token } = await issued({ allowedCidrs: ['192.0.2.0/24' as Cidr] });
    expect(await present(token, '198.51.100.1')).toMatchObject({ error: { code: 'not_allowed_from_here' } });
    const [member = ''] = await liveTokens(token);
    const outside = { ...redeemRequest(member), sourceAddress: '198.51.100.1' };
    expect(await redeemToken(world, outside)).toMatchObject({ error: { code: 'not_allowed_from_here' } });
  });

  test('a collection expires together with its files', async () => {
    const { token } = await issued();
    const [member = ''] = await liveTokens(token);
    world.time.advance(3600);
    expect(await present(token)).toMatchObject({ error: { code: 'token_expired' } });
    expect(await redeem(member)).toMatchObject({ error: { code: 'token_expired' } });
  });
});

describe('revoking a collection', () => {
  test('a revocation that stops halfway does not end the collection, so that the revocation can be repeated', async () => {
    const link = await issued();
    const store = faulty(world.store, 'settle', { ...down, times: 4 });
    await expect(revoke(link.record.tokenId, { store })).rejects.toThrow(Unavailable);
    expect(world.store.receipts.has(link.record.tokenId)).toBe(false);
    await revoke(link.record.tokenId);
    expect(world.store.receipts.size).toBe(4);
  });

  test('another caller can revoke neither the collection nor its files', async () => {
    const link = await issued();
    const reach = { kind: 'own', callerId: 'AROAINVOICES' as CallerId } as const;
    for (const tokenId of [link.record.tokenId, ...memberIds(link)]) {
      const refused = await revokeToken(world, tokenId, { by: CALLER.arn, reach });
      expect(refused).toMatchObject({ error: { code: 'not_found' } });
    }
    expect(world.store.receipts.size).toBe(0);
  });

  test('a hard bounce of the e-mail revokes the collection and its files', async () => {
    const link = await issued({ recipient: ADA });
    await deliverMail(world, link.record.tokenId);
    const { tokenId } = link.record;
    await handleBounce(world, { kind: 'bounced', bounce: 'permanent', tokenId, at: world.clock() });
    expect([...world.store.receipts.values()].map(({ kind }) => kind)).toEqual(
      NAMES.map(() => 'revoked').concat('revoked'),
    );
  });
});

describe('the e-mail for a collection', () => {
  test("the e-mail has the collection's link, and no file gets an e-mail of its own", async () => {
    const link = await issued({ recipient: ADA });
    expect(await deliverMail(world, link.record.tokenId)).toBe('mailed');
    expect(world.mailer.sent.map(({ text }) => text)).toEqual([link.token]);
    for (const tokenId of memberIds(link)) {
      expect(await deliverMail(world, tokenId)).toBe('nothing-to-do');
      expect(await describeLink(world, tokenId, OWN.reach)).not.toHaveProperty('value.mail');
    }
  });

  test('the recipient is reminded only while at least one file is live', async () => {
    const link = await issued({ recipient: ADA, lifetimeSeconds: 604_800 });
    const { tokenId } = link.record;
    await deliverMail(world, tokenId);
    const [first = '', ...rest] = await liveTokens(link.token);
    await redeem(first);
    world.time.advance(86_400);
    expect(await deliverMail(world, tokenId, 'reminder')).toBe('reminded');
    for (const token of rest) await redeem(token);
    world.time.advance(86_400);
    expect(await deliverMail(world, tokenId, 'reminder')).toBe('nothing-to-do');
  });
});

test('the ledger says how the files of a collection ended once their receipts are past their retention', async () => {
  const link = await issued();
  const [first = ''] = await liveTokens(link.token);
  await redeem(first);
  const at = epochSeconds(world.clock());
  world.time.advance(40 * 86_400);
  world.store.receipts.clear();
  expect(await describeLink(world, link.record.tokenId, OWN.reach)).toMatchObject({
    value: {
      state: 'expired',
      files: [{ state: 'redeemed', redeemedAt: at }, { state: 'expired' }, { state: 'expired' }],
    },
  });
});

test('describing an old collection reads the ledger only for itself and for files without a receipt', async () => {
  const link = await issued();
  const [first = ''] = await liveTokens(link.token);
  await redeem(first);
  world.time.advance(40 * 86_400);
  const calls: string[] = [];
  const history = noted(world.history, 'ledger', calls);
  await describeLink({ ...world, history }, link.record.tokenId, OWN.reach);
  expect(calls).toEqual(Array(3).fill('ledger.linesOf'));
});

test('describing a collection returns the state of each file', async () => {
  const link = await issued();
  const [first = ''] = await liveTokens(link.token);
  await redeem(first);
  await revoke(link.record.tokenId);
  const at = epochSeconds(world.clock());
  const [one, two, three] = memberIds(link);
  const size = 2048;
  expect(await describeLink(world, link.record.tokenId, OWN.reach)).toMatchObject({
    value: {
      state: 'revoked',
      files: [
        { tokenId: one, asset: 'plan.pdf', fileName: 'plan.pdf', size, state: 'redeemed', redeemedAt: at },
        { tokenId: two, asset: 'budget.pdf', fileName: 'budget.pdf', size, state: 'revoked', revokedAt: at },
        {
          tokenId: three,
          asset: 'minutes.pdf',
          fileName: 'minutes.pdf',
          size,
          state: 'revoked',
          revokedAt: at,
        },
      ],
    },
  });
});
