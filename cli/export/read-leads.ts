import { pMapIterable, pMapSkip } from 'p-map';
import {
  type AssetName,
  type DescribeDependencies,
  describeLink,
  entryOf,
  openTokenStore,
  type TokenId,
} from '../../lambda/operator.ts';
import { historyOf, queried } from '../tables/rows.ts';
import { type Tables, TOKENS_AT_ONCE } from '../tables/tables.ts';
import { type Lead, leadOf } from './lead.ts';
import { monthsOf, type Window } from './window.ts';

export interface LeadQuery {
  readonly window: Window;
  /** Links of this file alone. */
  readonly asset?: AssetName | undefined;
  readonly now: Date;
}

type ExportTables = Omit<Tables, 'quotaTable'>;

/**
 * The links that were issued in a window, oldest first. Reads a little ahead and no further, so memory stays flat
 * however many there are. The index that finds them lags behind by a moment; what is told of each is read as it is.
 */
export async function* readLeads(tables: ExportTables, query: LeadQuery): AsyncGenerator<Lead, void> {
  const deps: DescribeDependencies = {
    clock: () => query.now,
    store: await openTokenStore(tables.client, tables),
    history: { linesOf: async (tokenId) => (await historyOf(tables, tokenId)).map(entryOf) },
  };
  const tell = async ({ tokenId }: Found) => {
    const told = await describeLink(deps, tokenId, { kind: 'all' });
    // TTL may have taken the line since the index named it.
    return told.ok ? leadOf(told.value) : pMapSkip;
  };
  yield* pMapIterable(issuedIn(tables, query), tell, { concurrency: TOKENS_AT_ONCE });
}

interface Found {
  readonly tokenId: TokenId;
}

/** The `issued` lines of a window, from the index that knows them best. */
async function* issuedIn(
  tables: ExportTables,
  { asset, window, now }: LeadQuery,
): AsyncGenerator<Found, void> {
  if (asset !== undefined) {
    yield* issuedUnder(tables, { index: 'byAsset', attribute: 'asset', value: asset }, window);
    return;
  }
  for (const month of monthsOf(window, now)) {
    yield* issuedUnder(tables, { index: 'byMonth', attribute: 'issuedMonth', value: month }, window);
  }
}

/** Those of one partition. Moments sort as text, and no line has a bare moment, so `until` itself is not among them. */
function issuedUnder(
  tables: ExportTables,
  { index, attribute, value }: { readonly index: string; readonly attribute: string; readonly value: string },
  { from, until }: Window,
): AsyncGenerator<Found, void> {
  return queried<Found>(tables, {
    TableName: tables.ledgerTable,
    IndexName: index,
    KeyConditionExpression: '#partition = :value AND timeEvent BETWEEN :from AND :until',
    FilterExpression: '#event = :issued',
    ExpressionAttributeNames: { '#partition': attribute, '#event': 'event' },
    ExpressionAttributeValues: {
      ':value': value,
      ':issued': 'issued',
      ':from': from.toISOString(),
      ':until': until.toISOString(),
    },
  });
}
