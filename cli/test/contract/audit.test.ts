import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { epochSeconds, newTokenId } from '../../../lambda/domain/ids.ts';
import { type DynaliteServer, startDynalite } from '../../../test/support/dynalite-server.ts';
import { assetName } from '../../../test/support/values.ts';
import { audit } from '../../audit/audit.ts';
import { readAccounts, readAgain } from '../../audit/read-accounts.ts';
import { TableFixture } from '../support/table-fixture.ts';

let dynamo: DynaliteServer;
let fixture: TableFixture;
beforeEach(async () => {
  dynamo = await startDynalite();
  fixture = new TableFixture(dynamo);
});
afterEach(() => dynamo.close());

const HOUR_AGO = new Date(Date.now() - 3_600_000);

async function audited() {
  const accounts = await readAccounts(fixture.tables);
  return audit(
    accounts,
    (tokenId) => readAgain(fixture.tables, tokenId),
    () => epochSeconds(new Date()),
  );
}

describe('the audit of the tables', () => {
  test('passes with live, redeemed, revoked, and expired links', async () => {
    await fixture.issue();
    await fixture.end(await fixture.issue(), 'redeemed');
    await fixture.end(await fixture.issue(), 'revoked');
    await fixture.issue({ at: HOUR_AGO });
    await fixture.ledger.append({
      event: 'refused',
      tokenId: newTokenId('form'),
      at: new Date(),
      asset: assetName('report.pdf'),
      reason: 'cooldown',
    });
    expect(await audited()).toEqual({
      states: { live: 1, redeemed: 1, revoked: 1, expired: 1 },
      issued: 4,
      known: 4,
      contradictions: [],
      remarks: { 'waiting-for-ttl': 1 },
    });
  });

  test('passes if the record of an ended link was restored from a backup, because the receipt decides the state', async () => {
    const record = await fixture.issue();
    await fixture.end(record, 'redeemed');
    await fixture.store.put(record);
    expect(await audited()).toMatchObject({
      states: { live: 0, redeemed: 1 },
      contradictions: [],
      remarks: { 'waiting-for-ttl': 1 },
    });
  });

  test('passes with a remark if a ledger entry was lost', async () => {
    const record = await fixture.issue();
    await fixture.end(record, 'redeemed');
    await fixture.removeEntries(record.tokenId, 'redeemed');
    expect(await audited()).toMatchObject({ contradictions: [], remarks: { 'ending-not-in-ledger': 1 } });
  });

  test.each([
    ['issued-nowhere', 'its issued entry', (id: string) => fixture.removeEntries(id as never, 'issued')],
    ['record-lost', 'its record', (id: string) => fixture.remove('tokens', { tokenId: id })],
  ])('reports %s if a live link has lost %s', async (kind, _what, lose) => {
    const { tokenId } = await fixture.issue();
    await lose(tokenId);
    expect((await audited()).contradictions).toEqual([{ tokenId, kind }]);
  });

  test('reports a redemption without a receipt', async () => {
    const record = await fixture.issue();
    await fixture.end(record, 'redeemed');
    await fixture.remove('receipts', { tokenId: record.tokenId });
    expect((await audited()).contradictions).toEqual([
      { tokenId: record.tokenId, kind: 'ended-without-receipt' },
    ]);
  });

  test('reports a redeemed link whose receipt says "revoked"', async () => {
    const record = await fixture.issue();
    await fixture.end(record, 'redeemed');
    const [receipt] = await fixture.rows('receipts');
    await fixture.put('receipts', { ...receipt, kind: 'revoked' });
    expect((await audited()).contradictions).toEqual([{ tokenId: record.tokenId, kind: 'ended-otherwise' }]);
  });

  test('does not report a link that is issued and redeemed while the tables are being read', async () => {
    const record = await fixture.issue();
    const accounts = await readAccounts(fixture.tables);
    // Simulates reading the ledger before the link was issued, and the token table after that.
    delete accounts.get(record.tokenId)?.issued;
    await fixture.end(record, 'redeemed');
    const found = await audit(
      accounts,
      (tokenId) => readAgain(fixture.tables, tokenId),
      () => epochSeconds(new Date()),
    );
    expect(found).toMatchObject({ states: { redeemed: 1 }, contradictions: [] });
  });

  test('reads no personal data', async () => {
    await fixture.end(await fixture.issue({ note: 'a secret note' }), 'redeemed');
    const accounts = JSON.stringify([...(await readAccounts(fixture.tables)).values()]);
    expect(accounts).not.toMatch(/secret|192\.0\.2|browser/);
  });
});
