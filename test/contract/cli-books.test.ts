import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { audit } from '../../cli/books/audit.ts';
import { readAgain, readBooks } from '../../cli/books/read-books.ts';
import { epochSeconds, newTokenId } from '../../lambda/domain/ids.ts';
import { CliBooks } from '../support/cli-books.ts';
import { type DynaliteServer, startDynalite } from '../support/dynalite-server.ts';
import { assetName } from '../support/values.ts';

let dynamo: DynaliteServer;
let books: CliBooks;
beforeEach(async () => {
  dynamo = await startDynalite();
  books = new CliBooks(dynamo);
});
afterEach(() => dynamo.close());

const HOUR_AGO = new Date(Date.now() - 3_600_000);

async function audited() {
  const accounts = await readBooks(books.tables);
  return audit(
    accounts,
    (tokenId) => readAgain(books.tables, tokenId),
    () => epochSeconds(new Date()),
  );
}

describe('the books of a deployment', () => {
  test('agree after links were issued, redeemed, revoked and left to expire', async () => {
    await books.issue();
    await books.end(await books.issue(), 'redeemed');
    await books.end(await books.issue(), 'revoked');
    await books.issue({ at: HOUR_AGO });
    await books.ledger.append({
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

  test('agree about a record that a backup brought back: its receipt wins', async () => {
    const record = await books.issue();
    await books.end(record, 'redeemed');
    await books.store.put(record);
    expect(await audited()).toMatchObject({
      states: { live: 0, redeemed: 1 },
      contradictions: [],
      remarks: { 'waiting-for-ttl': 1 },
    });
  });

  test('agree when a line of the ledger was lost, and say so', async () => {
    const record = await books.issue();
    await books.end(record, 'redeemed');
    await books.removeLines(record.tokenId, 'redeemed');
    expect(await audited()).toMatchObject({ contradictions: [], remarks: { 'ending-not-in-ledger': 1 } });
  });

  test.each([
    ['issued-nowhere', 'a line of its issue', (id: string) => books.removeLines(id as never, 'issued')],
    ['record-lost', 'its record', (id: string) => books.remove('tokens', { tokenId: id })],
  ])('name %s when a live link has lost %s', async (kind, _what, lose) => {
    const { tokenId } = await books.issue();
    await lose(tokenId);
    expect((await audited()).contradictions).toEqual([{ tokenId, kind }]);
  });

  test('name a redemption that has lost its receipt', async () => {
    const record = await books.issue();
    await books.end(record, 'redeemed');
    await books.remove('receipts', { tokenId: record.tokenId });
    expect((await audited()).contradictions).toEqual([
      { tokenId: record.tokenId, kind: 'ended-without-receipt' },
    ]);
  });

  test('name a redemption that a receipt calls a revocation', async () => {
    const record = await books.issue();
    await books.end(record, 'redeemed');
    const [receipt] = await books.rows('receipts');
    await books.put('receipts', { ...receipt, kind: 'revoked' });
    expect((await audited()).contradictions).toEqual([{ tokenId: record.tokenId, kind: 'ended-otherwise' }]);
  });

  test('name nothing that was redeemed while they were read', async () => {
    const record = await books.issue();
    const accounts = await readBooks(books.tables);
    const account = accounts.get(record.tokenId);
    // As if the token table had been read after the redemption, and the receipts before.
    delete account?.record;
    await books.end(record, 'redeemed');
    const found = await audit(
      accounts,
      (tokenId) => readAgain(books.tables, tokenId),
      () => epochSeconds(new Date()),
    );
    expect(found).toMatchObject({ states: { redeemed: 1 }, contradictions: [] });
  });

  test('are read without anything personal', async () => {
    await books.end(await books.issue({ note: 'a secret note' }), 'redeemed');
    const accounts = JSON.stringify([...(await readBooks(books.tables)).values()]);
    expect(accounts).not.toMatch(/secret|192\.0\.2|browser/);
  });
});
