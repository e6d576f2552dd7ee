import { beforeEach, describe, expect, test } from '@jest/globals';
import type { AssetName } from '../../../lambda/domain/asset-name.ts';
import { redeemToken } from '../../../lambda/domain/deliveries.ts';
import { type CallerId, type Cidr, newTokenId, secondsAfter } from '../../../lambda/domain/ids.ts';
import { inspectToken } from '../../../lambda/domain/inspect-token.ts';
import { isGenuine } from '../../../lambda/domain/record-seal.ts';
import type { Recipient, TokenRecord } from '../../../lambda/domain/records.ts';
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

let world: MemoryWorld;

beforeEach(() => {
  world = createMemoryWorld();
});

const genuine = (record: TokenRecord) => isGenuine(record, world.keys.derive(record.keyEpoch));
const redeem = (token: string) => redeemToken(world, redeemRequest(token));

type Forge = (record: TokenRecord) => Partial<TokenRecord>;

const inAsset =
  (change: Partial<TokenRecord['asset']>): Forge =>
  ({ asset }) => ({ asset: { ...asset, ...change } });

const inRecipient =
  (change: Partial<Recipient>): Forge =>
  ({ recipient }) => ({ ...(recipient && { recipient: { ...recipient, ...change } }) });

describe('the seal of an API link', () => {
  const terms = { allowedCidrs: ['192.0.2.0/24' as Cidr], notify: email('issuer@example.org') };

  test.each<[string, Forge]>([
    ['its networks', () => ({ allowedCidrs: ['0.0.0.0/0' as Cidr] })],
    ['whether the issuer gets a notice', () => ({ wantsNotice: undefined as never })],
    ['its expiry', ({ expiresAt }) => ({ expiresAt: secondsAfter(expiresAt, 1) })],
    ['how it is opened', () => ({ open: 'direct' })],
    ['how it is delivered', () => ({ delivery: 'stream' })],
    ['its issuer', () => ({ issuedBy: 'public' })],
    ['its caller', () => ({ callerId: 'AROAMALLORY' as CallerId })],
    ['its file', inAsset({ name: assetName('private/contract.pdf') })],
    ['the version of its file', inAsset({ versionId: 'v9' })],
    ['the file name that the recipient sees', inAsset({ fileName: 'other.pdf' })],
    ['its recipient', inRecipient({ address: email('m@example.net') })],
    ['the name of its recipient', inRecipient({ name: 'Mallory' })],
    ['the message to its recipient', inRecipient({ message: 'Call 0900 12345' })],
    ['whether it asks for a code', () => ({ presenceCode: true })],
    ['the seal itself, by truncating it', ({ seal = '' }) => ({ seal: seal.slice(0, -2) })],
  ])('the seal of an API link does not match after a change to %s', async (_what, forge) => {
    const record = await putMailedRecord(world, terms);
    expect(genuine(record)).toBe(true);
    expect(genuine({ ...record, ...forge(record) })).toBe(false);
  });

  test("the seal of an API link does not match after the link's networks are removed", async () => {
    const { allowedCidrs: _, ...open } = await putMailedRecord(world, terms);
    expect(genuine(open)).toBe(false);
  });

  test("an API link is not genuine without a seal or with another link's seal", async () => {
    const { seal, ...unsealed } = await putMailedRecord(world, terms);
    expect(genuine(unsealed)).toBe(false);
    const other = await putMailedRecord(world, terms);
    expect(genuine({ ...other, ...(seal !== undefined && { seal }) })).toBe(false);
  });
});

test("a seal does not match if the recipient's name is moved into the message", async () => {
  const record = await putMailedRecord(world, { notify: email('issuer@example.org') });
  const { recipient } = record;
  if (recipient === undefined) throw new Error('no recipient');
  const named = sealed(world, { ...record, recipient: { ...recipient, name: 'Ada' } });
  expect(genuine(named)).toBe(true);
  expect(genuine({ ...named, recipient: { ...recipient, message: 'Ada' } })).toBe(false);
});

test('a seal still matches if DynamoDB returns the attributes in another order', async () => {
  const record = await putMailedRecord(world, { notify: email('issuer@example.org') });
  const reversed = Object.fromEntries(Object.entries(record).reverse()) as unknown as TokenRecord;
  const asset = Object.fromEntries(Object.entries(record.asset).reverse()) as unknown as TokenRecord['asset'];
  expect(genuine({ ...reversed, asset })).toBe(true);
});

describe('the record of a form link, which has no seal', () => {
  test('can have the delivery "proxy", which the operator can choose', async () => {
    const record = await putMailedRecord(world);
    expect(genuine({ ...record, delivery: 'proxy' })).toBe(true);
  });

  test.each<[string, Forge]>([
    ['is for a private file', inAsset({ name: assetName('private/contract.pdf') })],
    ['lets a GET redeem the link', () => ({ open: 'direct' })],
    ['has the delivery "stream"', () => ({ delivery: 'stream' })],
    ['asks for a notice', () => ({ wantsNotice: true })],
    ['has allowed networks', () => ({ allowedCidrs: ['192.0.2.0/24' as Cidr] })],
    ['has a name for its recipient', inRecipient({ name: 'Mallory' })],
    ['has a message to its recipient', inRecipient({ message: 'Call 0900 12345' })],
    ['names an IAM caller as its issuer', () => ({ issuedBy: CALLER.arn })],
    ['has a file name that does not match its asset name', inAsset({ fileName: 'Your mailbox is full.pdf' })],
    ['has text as its checksum', inAsset({ sha256: 'call +1 900 555 0100' })],
    ['has an invalid asset name', inAsset({ name: '../x' as AssetName })],
    ['has an asset name that is not a string', inAsset({ name: ['report.pdf'] as unknown as AssetName })],
  ])('the record of a form link is not genuine if it %s', async (_what, forge) => {
    const record = await putMailedRecord(world);
    expect(genuine(record)).toBe(true);
    expect(genuine({ ...record, ...forge(record) })).toBe(false);
  });
});

test('a record that is not genuine can neither be inspected nor redeemed, and gets no receipt', async () => {
  const record = await putMailedRecord(world, { allowedCidrs: ['198.51.100.0/24' as Cidr] });
  const { allowedCidrs: _, ...forged } = record;
  world.store.records.set(record.tokenId, forged);
  const unknown = { ok: false, error: { code: 'token_unknown' } };
  expect(await inspectToken(world, tokenOf(world, record), '192.0.2.7')).toEqual(unknown);
  expect(await redeem(tokenOf(world, record))).toEqual(unknown);
  expect(world.store.receipts.size).toBe(0);
});

test('the token of an API link does not redeem a form link that was put in its place', async () => {
  const api = await putMailedRecord(world, { allowedCidrs: ['198.51.100.0/24' as Cidr] });
  const form = await putMailedRecord(world);
  // Even if IAM let one of the form's functions write under this key, it could do no more than this.
  world.store.records.set(api.tokenId, { ...form, tokenId: api.tokenId });
  expect(await redeem(tokenOf(world, api))).toMatchObject({ error: { code: 'token_unknown' } });
});

test('a record needs a seal if its token ID belongs to neither channel', async () => {
  const record = await putMailedRecord(world);
  expect(
    await genuine({ ...record, tokenId: `0${newTokenId('form').slice(1)}` as TokenRecord['tokenId'] }),
  ).toBe(false);
});
