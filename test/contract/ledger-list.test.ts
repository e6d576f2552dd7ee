import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DynamoLedger } from '../../lambda/adapters/dynamo-ledger.ts';
import {
  type CallerId,
  epochSeconds,
  newTokenId,
  type Pseudonym,
  secondsAfter,
} from '../../lambda/domain/ids.ts';
import type { LinkFilter } from '../../lambda/domain/ports.ts';
import type { IssuedEntry } from '../../lambda/domain/records.ts';
import { type DynaliteServer, startDynalite } from '../support/dynalite-server.ts';
import { assetName } from '../support/values.ts';

const NOW = new Date('2031-05-17T10:20:30.123Z');
const CALLER = 'AROAREPORTS' as CallerId;
const OTHER = 'AROAINVOICES' as CallerId;
const ADA = 'pseudonym-of-ada' as Pseudonym;

let dynamo: DynaliteServer;
let ledger: DynamoLedger;

beforeAll(async () => {
  dynamo = await startDynalite();
});
afterAll(() => dynamo.close());
beforeEach(async () => {
  ledger = new DynamoLedger(dynamo.client(), { table: 'ledger', retentionDays: 365 });
  await dynamo.clear('ledger');
});

/** Appends an `issued` entry, and a `mailed` entry with a time one second later. */
async function issued(at: string, details: Partial<IssuedEntry> = {}): Promise<IssuedEntry> {
  const moment = new Date(at);
  const entry: IssuedEntry = {
    event: 'issued',
    tokenId: newTokenId('form'),
    at: moment,
    asset: assetName('report.pdf'),
    fileName: 'report.pdf',
    size: 1,
    issuedBy: 'arn:aws:iam::111122223333:role/reports',
    callerId: CALLER,
    expiresAt: secondsAfter(epochSeconds(moment), 900),
    open: 'confirm',
    delivery: 'redirect',
    ...details,
  };
  await ledger.append(entry);
  const { tokenId, asset, pseudonym } = entry;
  const later = new Date(moment.getTime() + 1000);
  await ledger.append({
    event: 'mailed',
    tokenId,
    asset,
    at: later,
    ...(pseudonym !== undefined && { pseudonym }),
  });
  return entry;
}

/** Returns the token IDs in a list, page by page. */
async function pages(filter: LinkFilter, limit: number): Promise<readonly (readonly string[])[]> {
  const all: string[][] = [];
  let after: string | undefined;
  do {
    const page = await ledger.issuedLinks(filter, { limit, now: NOW, ...(after !== undefined && { after }) });
    all.push(page.links.map(({ tokenId }) => tokenId));
    after = page.next;
    if (all.length > 200) throw new Error('The list does not end');
  } while (after !== undefined);
  return all;
}

const ids = (entries: readonly IssuedEntry[]) => entries.map(({ tokenId }) => tokenId);

describe('the list of links', () => {
  test('returns a link as it was issued', async () => {
    const entry = await issued('2031-05-17T10:00:00.500Z', { note: 'x', pseudonym: ADA });
    const { links } = await ledger.issuedLinks({}, { limit: 5, now: NOW });
    expect(links).toEqual([entry]);
  });

  test('is sorted newest first across months and years, as far back as entries are kept', async () => {
    const old = await issued('2030-03-10T00:00:00Z');
    const december = await issued('2030-12-31T23:59:59.999Z');
    const january = await issued('2031-01-01T00:00:00.000Z');
    const may = await issued('2031-05-17T10:20:30.000Z');
    await issued('2029-01-01T00:00:00Z');
    expect((await pages({}, 2)).flat()).toEqual(ids([may, january, december, old]));
  });

  test('has no gap between pages even if a hundred links were issued in the same millisecond', async () => {
    const all = await Promise.all(Array.from({ length: 100 }, () => issued('2031-05-17T10:00:00.000Z')));
    for (const filter of [{}, { asset: assetName('report.pdf') }]) {
      const paged = await pages(filter, 7);
      expect(paged.flat().toSorted()).toEqual(ids(all).toSorted());
      expect(paged.slice(0, 14).every((page) => page.length === 7)).toBe(true);
    }
  });

  test('can be filtered by asset, person, issuer, or any combination of these', async () => {
    const other = assetName('other.pdf');
    const plain = await issued('2031-05-01T00:00:00Z');
    const toAda = await issued('2031-05-02T00:00:00Z', { pseudonym: ADA });
    const theirs = await issued('2031-05-03T00:00:00Z', { pseudonym: ADA, asset: other, callerId: OTHER });
    const report = assetName('report.pdf');
    expect((await pages({ asset: report }, 10)).flat()).toEqual(ids([toAda, plain]));
    expect((await pages({ pseudonym: ADA }, 10)).flat()).toEqual(ids([theirs, toAda]));
    expect((await pages({ callerId: CALLER }, 10)).flat()).toEqual(ids([toAda, plain]));
    expect((await pages({ pseudonym: ADA, asset: other }, 10)).flat()).toEqual(ids([theirs]));
    expect((await pages({ pseudonym: ADA, callerId: CALLER }, 10)).flat()).toEqual(ids([toAda]));
    expect((await pages({ asset: other, callerId: CALLER }, 10)).flat()).toEqual([]);
  });

  test('can have short pages, because it skips other callers’ links, but is complete', async () => {
    const mine = await issued('2031-05-01T00:00:00Z');
    for (let n = 0; n < 30; n += 1) await issued('2031-05-02T00:00:00Z', { callerId: OTHER });
    const mineToo = await issued('2031-05-03T00:00:00Z');
    expect((await pages({ callerId: CALLER }, 1)).flat()).toEqual(ids([mineToo, mine]));
  });

  test('does not shift when links are issued while it is being read', async () => {
    const first = await issued('2031-05-01T00:00:00Z');
    const second = await issued('2031-05-02T00:00:00Z');
    const page = await ledger.issuedLinks({}, { limit: 1, now: NOW });
    expect(ids(page.links)).toEqual(ids([second]));
    await issued('2031-05-17T10:00:00Z');
    const next = await ledger.issuedLinks({}, { limit: 1, now: NOW, after: page.next ?? '' });
    expect(ids(next.links)).toEqual(ids([first]));
  });
});

describe('the ledger entries of a token', () => {
  test('are sorted by time, and include no entries of other tokens', async () => {
    const entry = await issued('2031-05-01T00:00:00.250Z');
    await issued('2031-05-01T00:00:00.250Z');
    expect((await ledger.linesOf(entry.tokenId)).map(({ event, at }) => [event, at.toISOString()])).toEqual([
      ['issued', '2031-05-01T00:00:00.250Z'],
      ['mailed', '2031-05-01T00:00:01.250Z'],
    ]);
    expect(await ledger.linesOf(newTokenId('form'))).toEqual([]);
  });
});
