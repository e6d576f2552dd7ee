import { beforeEach, describe, expect, test } from '@jest/globals';
import type { AssetName } from '../../../lambda/domain/asset-name.ts';
import { type CallerId, type Cidr, newTokenId, secondsAfter } from '../../../lambda/domain/ids.ts';
import { inspectToken } from '../../../lambda/domain/inspect-token.ts';
import { isGenuine } from '../../../lambda/domain/record-seal.ts';
import type { TokenRecord } from '../../../lambda/domain/records.ts';
import { redeemToken } from '../../../lambda/domain/redemption.ts';
import {
  CALLER,
  createMemoryWorld,
  type MemoryWorld,
  putMailedRecord,
  tokenOf,
} from '../../support/memory-world.ts';
import { assetName, email } from '../../support/values.ts';

const SOURCE = '192.0.2.7';

let world: MemoryWorld;

beforeEach(() => {
  world = createMemoryWorld();
});

const genuine = (record: TokenRecord) => isGenuine(record, world.keys.derive(record.keyEpoch));
const redeem = (token: string) =>
  redeemToken(world, { token, opening: 'confirm', sourceAddress: SOURCE, userAgent: '' });

type Forge = (record: TokenRecord) => Partial<TokenRecord>;

const inAsset =
  (change: Partial<TokenRecord['asset']>): Forge =>
  ({ asset }) => ({ asset: { ...asset, ...change } });

describe('the record of an API link is refused if somebody who cannot sign has changed', () => {
  const terms = { allowedCidrs: ['192.0.2.0/24' as Cidr], notify: email('issuer@example.org') };

  test.each<[string, Forge]>([
    ['its networks', () => ({ allowedCidrs: ['0.0.0.0/0' as Cidr] })],
    ['that nobody is told', () => ({ wantsNotice: undefined as never })],
    ['its expiry', ({ expiresAt }) => ({ expiresAt: secondsAfter(expiresAt, 1) })],
    ['how it is opened', () => ({ open: 'direct' })],
    ['how it is delivered', () => ({ delivery: 'stream' })],
    ['its issuer', () => ({ issuedBy: 'public' })],
    ['its caller', () => ({ callerId: 'AROAMALLORY' as CallerId })],
    ['its file', inAsset({ name: assetName('private/contract.pdf') })],
    ['the version of its file', inAsset({ versionId: 'v9' })],
    ['the name that the recipient sees', inAsset({ fileName: 'other.pdf' })],
    [
      'its recipient',
      ({ recipient }) => ({
        ...(recipient && { recipient: { ...recipient, address: email('m@example.net') } }),
      }),
    ],
    ['its seal, cut short', ({ seal = '' }) => ({ seal: seal.slice(0, -2) })],
  ])('%s', async (_what, forge) => {
    const record = await putMailedRecord(world, terms);
    expect(genuine(record)).toBe(true);
    expect(genuine({ ...record, ...forge(record) })).toBe(false);
  });

  test('its networks, by leaving them out', async () => {
    const { allowedCidrs: _, ...open } = await putMailedRecord(world, terms);
    expect(genuine(open)).toBe(false);
  });

  test('its seal, by leaving it out or taking that of another link', async () => {
    const { seal, ...unsealed } = await putMailedRecord(world, terms);
    expect(genuine(unsealed)).toBe(false);
    const other = await putMailedRecord(world, terms);
    expect(genuine({ ...other, ...(seal !== undefined && { seal }) })).toBe(false);
  });
});

test("a seal survives DynamoDB's own order of attributes", async () => {
  const record = await putMailedRecord(world, { notify: email('issuer@example.org') });
  const reversed = Object.fromEntries(Object.entries(record).reverse()) as unknown as TokenRecord;
  const asset = Object.fromEntries(Object.entries(record.asset).reverse()) as unknown as TokenRecord['asset'];
  expect(genuine({ ...reversed, asset })).toBe(true);
});

describe('the record of a form link, which nobody seals, may not say', () => {
  test.each<[string, Forge]>([
    ['that it is for a private file', inAsset({ name: assetName('private/contract.pdf') })],
    ['that a GET redeems it', () => ({ open: 'direct' })],
    ['that it is streamed', () => ({ delivery: 'stream' })],
    ['that somebody is to be told', () => ({ wantsNotice: true })],
    ['that it is held to networks', () => ({ allowedCidrs: ['192.0.2.0/24' as Cidr] })],
    ['that a signed caller issued it', () => ({ issuedBy: CALLER.arn })],
    ['that its file is called something else', inAsset({ fileName: 'Your mailbox is full.pdf' })],
    ['words for a checksum', inAsset({ sha256: 'call +1 900 555 0100' })],
    ['a name that is none', inAsset({ name: '../x' as AssetName })],
    ['a name that is not even a text', inAsset({ name: ['report.pdf'] as unknown as AssetName })],
  ])('%s', async (_what, forge) => {
    const record = await putMailedRecord(world);
    expect(genuine(record)).toBe(true);
    expect(genuine({ ...record, ...forge(record) })).toBe(false);
  });
});

test('a record that is not genuine is neither shown nor redeemed, and nothing is spent', async () => {
  const record = await putMailedRecord(world, { allowedCidrs: ['198.51.100.0/24' as Cidr] });
  const { allowedCidrs: _, ...forged } = record;
  world.store.records.set(record.tokenId, forged);
  const unknown = { ok: false, error: { code: 'token_unknown' } };
  expect(await inspectToken(world, tokenOf(world, record), SOURCE)).toEqual(unknown);
  expect(await redeem(tokenOf(world, record))).toEqual(unknown);
  expect(world.store.receipts.size).toBe(0);
});

test('the token of an API link does not open a form link that was put in its place', async () => {
  const api = await putMailedRecord(world, { allowedCidrs: ['198.51.100.0/24' as Cidr] });
  const form = await putMailedRecord(world);
  // The most that a function of the form could do, if IAM let it write under this key at all.
  world.store.records.set(api.tokenId, { ...form, tokenId: api.tokenId });
  expect(await redeem(tokenOf(world, api))).toMatchObject({ error: { code: 'token_unknown' } });
});

test('a handle that is of neither channel counts as one that needs a seal', async () => {
  const record = await putMailedRecord(world);
  expect(
    await genuine({ ...record, tokenId: `0${newTokenId('form').slice(1)}` as TokenRecord['tokenId'] }),
  ).toBe(false);
});
