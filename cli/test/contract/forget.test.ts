import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DynamoUploadLinks } from '../../../lambda/adapters/dynamo-upload-links.ts';
import {
  type EmailAddress,
  epochSeconds,
  newLinkId,
  newTokenId,
  type TokenId,
} from '../../../lambda/domain/ids.ts';
import type { TokenRecord } from '../../../lambda/domain/records.ts';
import type { UploadLink } from '../../../lambda/domain/upload-links/upload-link.ts';
import { afterwards } from '../../../laptop/test/support/afterwards.ts';
import { type DynaliteServer, startDynalite } from '../../../test/support/dynalite-server.ts';
import { startFaultProxy } from '../../../test/support/fault-proxy.ts';
import { createLinkWorld, invited } from '../../../test/support/memory-link-world.ts';
import { assetName, email } from '../../../test/support/values.ts';
import { type Counts, noCounts } from '../../forget/counts.ts';
import { findTraces } from '../../forget/find-traces.ts';
import { forget } from '../../forget/forget.ts';
import { personOf } from '../../forget/person.ts';
import { TableFixture } from '../support/table-fixture.ts';

let dynamo: DynaliteServer;
let fixture: TableFixture;
beforeEach(async () => {
  dynamo = await startDynalite();
  fixture = new TableFixture(dynamo);
});
afterEach(() => dynamo.close());
const later = afterwards();

const ADA = email('ada@example.org');
const EVE = email('eve@example.org');
const NOTHING = noCounts();

/** Forgets a person as `tvm forget` does, but revokes links through the domain instead of the API. */
async function forgotten(address: EmailAddress, within: TableFixture = fixture): Promise<Counts> {
  const person = await personOf(address, (mailbox) => fixture.pseudonyms.of('address', mailbox));
  const { tables, store } = within;
  const deps = {
    tables,
    store,
    clock: () => new Date(),
    counts: noCounts(),
    revoke: async (tokenId: TokenId) => {
      const { record } = await fixture.store.find(tokenId);
      if (record !== undefined) await fixture.end(record, 'revoked');
    },
  };
  return forget(deps, person, await findTraces(tables, person), () => undefined);
}

async function everything(): Promise<string> {
  const tables = ['tokens', 'receipts', 'ledger', 'quota', 'uploadLinks'];
  return JSON.stringify(await Promise.all(tables.map((table) => fixture.rows(table))));
}

async function mailed({ tokenId, asset, recipient }: TokenRecord): Promise<void> {
  const pseudonym = recipient?.pseudonym;
  await fixture.ledger.append({
    event: 'mailed',
    tokenId,
    at: new Date(),
    asset: asset.name,
    ...(pseudonym && { pseudonym }),
  });
}

async function invite(details: Partial<UploadLink>): Promise<UploadLink> {
  const { link } = await invited(createLinkWorld());
  const { to: _to, notify: _notify, ...terms } = link;
  return await uploadLinks().open({ ...terms, linkId: newLinkId(), purpose: 'your contract', ...details });
}

const uploadLinks = () => new DynamoUploadLinks(dynamo.client(), { table: 'uploadLinks', retentionDays: 10 });

/** The SDK does not retry this error. */
const REFUSED = { fate: 'answer', status: 400, body: '{"__type":"AccessDeniedException"}' } as const;

describe('forget with upload links', () => {
  test("revokes the person's usable links, and erases their address and purpose", async () => {
    const open = await invite({ to: ADA, notify: EVE });
    const expired = await invite({ to: ADA, expiresAt: epochSeconds(new Date(0)) });
    const finished = await invite({ to: ADA, state: 'finished' });
    expect(await forgotten(ADA)).toEqual({ ...NOTHING, uploadLinks: 3, revoked: 2 });
    expect(await everything()).not.toMatch(/ada@|contract/);
    const states = [open, expired, finished].map(
      async ({ linkId }) => (await uploadLinks().find(linkId))?.state,
    );
    expect(await Promise.all(states)).toEqual(['revoked', 'revoked', 'finished']);
    expect(await uploadLinks().find(open.linkId)).toMatchObject({
      notify: EVE,
      step: { event: 'revoked', by: 'forget' },
    });
  });

  test('stops links to others from notifying the person, and keeps those links open', async () => {
    const { linkId } = await invite({ to: EVE, notify: ADA });
    expect(await forgotten(ADA)).toEqual({ ...NOTHING, notices: 1 });
    const link = await uploadLinks().find(linkId);
    expect(link).toMatchObject({ to: EVE, state: 'open', purpose: 'your contract' });
    expect(link).not.toHaveProperty('notify');
  });

  test('erases the person from a link that names them twice, and finds nothing the second time', async () => {
    await invite({ to: ADA, notify: ADA });
    expect(await forgotten(ADA)).toEqual({ ...NOTHING, uploadLinks: 1, revoked: 1, notices: 1 });
    expect(await forgotten(ADA)).toEqual(NOTHING);
  });

  test('is not undone by a function that read the link before the person was erased', async () => {
    const before = await invite({ to: EVE, notify: ADA });
    await forgotten(ADA);
    const after = { ...before, revision: before.revision + 1 };
    expect(await uploadLinks().change(before, after)).toBe('stale');
    expect(await everything()).not.toContain('ada@');
  });
});

describe('forget', () => {
  test('erases all personal data of a redeemed link, and keeps its receipt and ledger entries', async () => {
    const record = await fixture.issue({ address: ADA, note: 'met at the fair', notify: EVE });
    await mailed(record);
    await fixture.end(record, 'redeemed');
    expect(await forgotten(ADA)).toEqual({ ...NOTHING, links: 1, receipts: 1, ledgerEntries: 3 });
    expect(await everything()).not.toMatch(
      new RegExp(`ada@|${await fixture.pseudonymOf(ADA)}|fair|192\\.0\\.2|browser|eve@`),
    );
    const [receipt] = await fixture.rows('receipts');
    expect(receipt).toMatchObject({ tokenId: record.tokenId, kind: 'redeemed', asset: 'report.pdf' });
    expect((await fixture.rows('ledger')).map(({ event }) => event)).toEqual([
      'issued',
      'mailed',
      'redeemed',
    ]);
  });

  test('erases personal attributes that only older versions wrote', async () => {
    const record = await fixture.issue({ address: ADA });
    await fixture.end(record, 'redeemed');
    const personal = {
      address: ADA,
      recipient: { address: ADA, pseudonym: await fixture.pseudonymOf(ADA) },
      pseudonym: await fixture.pseudonymOf(ADA),
      note: 'met at the fair',
      notify: ADA,
      language: 'de',
      sourceAddress: '192.0.2.7',
      userAgent: 'a browser',
    };
    for (const table of ['receipts', 'ledger']) {
      for (const row of await fixture.rows(table)) await fixture.put(table, { ...row, ...personal });
    }
    await forgotten(ADA);
    for (const row of [...(await fixture.rows('receipts')), ...(await fixture.rows('ledger'))]) {
      expect(Object.keys(row).filter((name) => name in personal)).toEqual([]);
    }
  });

  test('revokes live links, and deletes expired records', async () => {
    const live = await fixture.issue({ address: ADA });
    await fixture.issue({ address: ADA, at: new Date(Date.now() - 3_600_000) });
    expect(await forgotten(ADA)).toMatchObject({ links: 2, revoked: 1, records: 1, ledgerEntries: 3 });
    expect(await fixture.rows('tokens')).toEqual([]);
    expect(await fixture.rows('receipts')).toMatchObject([{ tokenId: live.tokenId, kind: 'revoked' }]);
  });

  test('ignores the case and the plus-tag of an address', async () => {
    await fixture.issue({ address: email('Ada+fair@example.org') });
    expect(await forgotten(email('aDa@example.org'))).toMatchObject({ links: 1, revoked: 1 });
    expect(await everything()).not.toContain('fair');
  });

  test("erases the person from refused requests, and deletes the person's counters and second chances", async () => {
    const pseudonym = await fixture.pseudonymOf(ADA);
    await fixture.ledger.append({
      event: 'refused',
      tokenId: newTokenId('form'),
      at: new Date(),
      asset: assetName('report.pdf'),
      reason: 'cooldown',
      pseudonym,
    });
    for (const counter of [
      `cooldown/${pseudonym}/report.pdf`,
      `address/${pseudonym}/report.pdf`,
      'deployment',
    ]) {
      await fixture.put('quota', { counter, hits: 1 });
    }
    await fixture.put('quota', { counter: 'again/f0', record: { recipient: { pseudonym } } });
    await fixture.put('quota', { counter: 'again/f1', record: {} });
    expect(await forgotten(ADA)).toEqual({ ...NOTHING, links: 1, ledgerEntries: 1, counters: 3 });
    const kept = await fixture.rows('quota');
    expect(kept.map(({ counter }) => counter).toSorted()).toEqual(['again/f1', 'deployment']);
  });

  test('stops links to others from notifying the person, and keeps those links', async () => {
    const live = await fixture.issue({ address: EVE, notify: ADA, note: 'for Eve' });
    const redeemed = await fixture.issue({ address: EVE, notify: ADA });
    await fixture.end(redeemed, 'redeemed');
    expect(await forgotten(ADA)).toEqual({
      ...NOTHING,
      notices: 2,
      ledgerEntries: 2,
    });
    expect(await everything()).not.toContain('ada@');
    const { record } = await fixture.store.find(live.tokenId);
    expect(record).toMatchObject({ recipient: { address: EVE } });
    expect(await everything()).toContain('for Eve');
  });

  test('changes nothing for anyone else', async () => {
    await fixture.end(await fixture.issue({ address: EVE, note: 'for Eve' }), 'redeemed');
    await fixture.issue({ address: email('ada@example.com') });
    const before = await everything();
    expect(await forgotten(ADA)).toEqual(NOTHING);
    expect(await everything()).toBe(before);
  });

  test('finds nothing the second time', async () => {
    await fixture.end(await fixture.issue({ address: ADA, notify: ADA }), 'redeemed');
    await fixture.issue({ address: EVE, notify: ADA });
    await forgotten(ADA);
    expect(await forgotten(ADA)).toEqual(NOTHING);
  });

  test('does not restore a row that TTL has removed', async () => {
    const record = await fixture.issue({ address: ADA });
    await fixture.end(record, 'redeemed');
    const person = await personOf(ADA, (mailbox) => fixture.pseudonyms.of('address', mailbox));
    const traces = await findTraces(fixture.tables, person);
    await fixture.remove('receipts', { tokenId: record.tokenId });
    await fixture.removeEntries(record.tokenId, 'issued');
    const { tables, store } = fixture;
    const revoke = () => Promise.reject(new Error('only live links are revoked'));
    const clock = () => new Date();
    await forget({ tables, store, revoke, clock, counts: noCounts() }, person, traces, () => undefined);
    expect(await fixture.rows('receipts')).toEqual([]);
    expect((await fixture.rows('ledger')).map(({ event }) => event)).toEqual(['redeemed']);
  });

  test('erases nothing from a link that could not be revoked', async () => {
    const { tokenId } = await fixture.issue({ address: ADA });
    const person = await personOf(ADA, (mailbox) => fixture.pseudonyms.of('address', mailbox));
    const { tables, store } = fixture;
    const clock = () => new Date();
    const deps = { tables, store, revoke: async () => undefined, clock, counts: noCounts() };
    await expect(forget(deps, person, await findTraces(tables, person), () => undefined)).rejects.toThrow(
      `The link ${tokenId} could not be revoked.`,
    );
    expect((await store.find(tokenId)).record).toMatchObject({ recipient: { address: ADA } });
  });

  test('is completed by the next run, no matter at which step the first run stopped', async () => {
    const prepare = async () => {
      const first = await fixture.issue({ address: ADA, notify: EVE });
      await mailed(first);
      await fixture.end(first, 'redeemed');
      await fixture.issue({ address: ADA });
      await fixture.issue({ address: EVE, notify: ADA });
    };
    for (let cut = 1; ; cut += 1) {
      await prepare();
      let writes = 0;
      const proxy = await startFaultProxy(dynamo.url, (target) => {
        if (!/UpdateItem|DeleteItem/.test(target)) return { fate: 'pass' };
        writes += 1;
        return writes < cut ? { fate: 'pass' } : REFUSED;
      });
      later(proxy.close);
      const cutOff = new TableFixture(dynamo, proxy.url);
      const outcome = await forgotten(ADA, cutOff).then(
        () => 'finished',
        () => 'cut off',
      );
      await forgotten(ADA);
      expect(await everything()).not.toMatch(
        new RegExp(`ada@|${await fixture.pseudonymOf(ADA)}|192\\.0\\.2|browser`),
      );
      expect(await forgotten(ADA)).toEqual(NOTHING);
      if (outcome === 'finished') {
        expect(cut).toBeGreaterThan(8);
        return;
      }
    }
  });
});
