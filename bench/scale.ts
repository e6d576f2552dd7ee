import { setTimeout as wait } from 'node:timers/promises';
import type { TokenId } from '../lambda/domain/ids.ts';
import type { TokenRecord } from '../lambda/domain/records.ts';
import { createRedeemHandler } from '../lambda/handlers/redeem.ts';
import { apiEvent } from '../laptop/test/support/api-event.ts';
import { createHandlerWorld, type HandlerWorld } from '../test/support/handler-world.ts';
import { intercept } from '../test/support/intercept.ts';
import { putMailedRecord, tokenOf } from '../test/support/memory-world.ts';
import { type Options, type Report, spread } from './report.ts';
import { LATENCY_MS } from './services.ts';
import { type Summary, summarize } from './statistics.ts';

const CONCURRENCIES = [1, 10, 100, 1000];
const SIZES = [10, 100, 1000, 10_000, 100_000, 1_000_000];
/** How many redemptions to time for each table size. */
const TIMED = 200;

/**
 * Measures the real handler and domain with in-memory tables: first with many concurrent redeemers, then with many
 * records. It shows that our code has no locks, and no work that grows with the number of records. It does not measure
 * DynamoDB or Lambda.
 */
export async function measureScale(
  _deployment: unknown,
  _services: unknown,
  { rounds }: Options,
): Promise<Report> {
  const concurrent = [];
  for (const redeemers of CONCURRENCIES) {
    for (const tokens of ['different tokens', 'one token'] as const) {
      const storms = [];
      for (let round = 0; round < rounds; round += 1) storms.push(await storm(redeemers, tokens));
      const winners = new Set(storms.map((each) => each.winners));
      const responses = summarize(storms.map(({ responseMs }) => responseMs));
      const perSecond = summarize(storms.map(({ totalMs }) => (1000 * redeemers) / totalMs));
      concurrent.push({ redeemers, tokens, winners: [...winners], responses, perSecond });
    }
  }
  const records = await growingTable();
  return {
    name: 'scale',
    tables: [
      {
        caption: `Concurrent redeemers in one process, medians of ${rounds} storms. Each table call takes ${LATENCY_MS} ms.`,
        head: ['redeemers', 'tokens', 'redeemed', 'median response, ms', 'responses a second'],
        rows: concurrent.map(({ redeemers, tokens, winners, responses, perSecond }) => [
          redeemers.toLocaleString('en-US'),
          tokens,
          winners.map((count) => count.toLocaleString('en-US')).join(', '),
          spread(responses),
          spread(perSecond),
        ]),
      },
      {
        caption: `One redemption with tables that respond immediately, by the number of records: medians of ${TIMED}.`,
        head: ['records', 'redemption, ms'],
        rows: records.map(({ size, redemptionMs }) => [size.toLocaleString('en-US'), spread(redemptionMs)]),
      },
    ],
    charts: [
      {
        name: 'scale',
        title: 'One redemption with tables that respond immediately, by the number of records',
        unit: 'ms',
        legend: ['redemption'],
        bars: records.map(({ size, redemptionMs }) => ({
          label: size.toLocaleString('en-US'),
          parts: [redemptionMs.median],
        })),
      },
    ],
    data: { concurrent, records },
  };
}

/** Lets all redeemers redeem at the same time. */
async function storm(redeemers: number, tokens: 'different tokens' | 'one token') {
  const world = createHandlerWorld();
  const records = await mint(world, tokens === 'one token' ? 1 : redeemers);
  const store = intercept(world.store, async ({ proceed }) => {
    await wait(LATENCY_MS);
    return await proceed();
  });
  const handler = createRedeemHandler({ ...world, store });
  const events = Array.from({ length: redeemers }, (_, index) => press(world, at(records, index)));
  const start = performance.now();
  const responses = await Promise.all(
    events.map(async (event) => {
      const { statusCode } = await handler(event);
      return { statusCode, ms: performance.now() - start };
    }),
  );
  return {
    winners: responses.filter(({ statusCode }) => statusCode === 302).length,
    responseMs: summarize(responses.map(({ ms }) => ms)).median,
    totalMs: performance.now() - start,
  };
}

async function growingTable(): Promise<readonly { readonly size: number; readonly redemptionMs: Summary }[]> {
  const world = createHandlerWorld();
  const handler = createRedeemHandler(world);
  const [template] = await mint(world, 1);
  const results = [];
  for (const size of SIZES) {
    // This bypasses the port, which would copy each record.
    for (let count = world.store.records.size; count < size; count += 1) {
      const tokenId = `f${count.toString(16).padStart(31, '0')}` as TokenId;
      world.store.records.set(tokenId, { ...template, tokenId } as TokenRecord);
    }
    const events = (await mint(world, TIMED)).map((record) => press(world, record));
    const times: number[] = [];
    for (const event of events) {
      const start = performance.now();
      await handler(event);
      times.push(performance.now() - start);
    }
    results.push({ size, redemptionMs: summarize(times) });
  }
  return results;
}

async function mint(world: HandlerWorld, count: number): Promise<readonly TokenRecord[]> {
  const writable = { ...world, report: world.telemetry.report };
  const records = [];
  for (let made = 0; made < count; made += 1) records.push(await putMailedRecord(writable));
  return records;
}

function press(world: HandlerWorld, record: TokenRecord) {
  const token = tokenOf({ ...world, report: world.telemetry.report }, record);
  return apiEvent('post-redeem-form', { body: `token=${token}` });
}

function at(records: readonly TokenRecord[], index: number): TokenRecord {
  const record = records[index % records.length];
  if (record === undefined) throw new Error('The storm needs at least one token');
  return record;
}
