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
  /** Only links for this file. */
  readonly asset?: AssetName | undefined;
  readonly now: Date;
}

type ExportTables = Omit<Tables, 'quotaTable'>;

/**
 * Returns the links that were issued in a window, oldest first. Reads only a little ahead, so memory use does not
 * grow with the number of links. The index that lists links lags slightly, but the data of each link is current.
 */
export async function* readLeads(tables: ExportTables, query: LeadQuery): AsyncGenerator<Lead, void> {
  const deps: DescribeDependencies = {
    clock: () => query.now,
    store: await openTokenStore(tables.client, tables),
    history: { linesOf: async (tokenId) => (await historyOf(tables, tokenId)).map(entryOf) },
  };
  const describe = async ({ tokenId }: Found) => {
    const described = await describeLink(deps, tokenId, { kind: 'all' });
    // TTL may have removed the entry since the index returned it.
    return described.ok ? leadOf(described.value) : pMapSkip;
  };
  yield* pMapIterable(issuedIn(tables, query), describe, { concurrency: TOKENS_AT_ONCE });
}

interface Found {
  readonly tokenId: TokenId;
}

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

/**
 * Finds `issued` entries in a partition. Times sort as text. `BETWEEN` includes its bounds, but `until` is exclusive,
 * because every sort key has a suffix after the time.
 */
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
