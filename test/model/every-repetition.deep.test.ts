import { describe, expect, test } from '@jest/globals';
import { explore } from './exploration.ts';
import { fatesOfCalls } from './race.ts';
import { type Repetitions, repetitions } from './repetition.ts';
import { formatOutcome } from './search.ts';
import { runStorm } from './storm.ts';

/*
 * Checks that a named request (one with an idempotency key) always gets the same links: in every interleaving of a few
 * repeated requests, and in storms of many. The tests assert how many interleavings lead to each ending, as in
 * every-interleaving.deep.test.ts.
 */
const DAY_SECONDS = 86_400;
const STORMS = 600;

/** The number of interleavings for each ending. An ending is the number of links and the response to each caller. */
type Endings = Readonly<Record<string, number>>;

async function endingsOf(scenario: Repetitions): Promise<Endings> {
  const { broken, endings } = await explore(repetitions(scenario));
  if (broken !== undefined) throw new Error(formatOutcome(broken));
  return Object.fromEntries([...endings].map(([ending, ways]) => [ending, Number(ways)]));
}

/** The endings of a race between a repeated request and a redemption. They are the same wherever the first function died. */
const REPEATED_AND_REDEEMED_AFTER_A_DEATH = {
  '1: issue issued, issue killed, redeem redeemed': 159_588,
  '1: issue issued, issue killed, redeem killed': 186_209,
  '1: issue killed, issue killed, redeem redeemed': 197_948,
  '1: issue issued, issue killed, redeem nothing': 986,
  '1: issue killed, issue killed, redeem nothing': 1_944,
  '1: issue killed, issue nothing, redeem redeemed': 15_264,
  '1: issue killed, issue nothing, redeem killed': 27_141,
};

const REPETITIONS: readonly (readonly [name: string, scenario: Repetitions, endings: Endings])[] = [
  [
    'when it is sent twice at the same time',
    { of: ['repeat', 'repeat'], links: 1 },
    {
      '1: issue issued, issue issued': 4_752,
    },
  ],
  [
    'when it is sent twice at the same time, with one failed call and one killed function',
    { of: ['repeat', 'repeat'], links: 1, faults: { most: 1, fatesOf: fatesOfCalls }, kills: 1 },
    {
      '1: issue issued, issue issued': 50_806,
      '1: issue issued, issue killed': 104_276,
      '1: issue issued, issue nothing': 36_568,
      '1: issue killed, issue nothing': 72_028,
      '0: issue killed, issue nothing': 4_628,
    },
  ],
  [
    'when it is sent twice at the same time for a mailed link',
    { of: ['repeat', 'repeat'], links: 'mailed' },
    {
      '1: issue issued, issue issued': 462_800,
    },
  ],
  [
    'when it is sent twice at the same time for a mailed link, with one failed call',
    { of: ['repeat', 'repeat'], links: 'mailed', faults: { most: 1, fatesOf: fatesOfCalls } },
    {
      '1: issue issued, issue issued': 11_450_438,
      '1: issue issued, issue nothing': 4_116_368,
    },
  ],
  [
    'when it is sent twice at the same time for a mailed link, with one killed function',
    { of: ['repeat', 'repeat'], links: 'mailed', kills: 1 },
    {
      '1: issue issued, issue issued': 462_800,
      '1: issue issued, issue killed': 1_824_316,
    },
  ],
  [
    'when it is sent twice at the same time for two links',
    { of: ['repeat', 'repeat'], links: 2, turns: 'noticeable' },
    {
      '2: issue issued, issue issued': 146_532,
    },
  ],
  [
    'when it is sent three times at the same time',
    { of: ['repeat', 'repeat', 'repeat'], links: 1, turns: 'noticeable' },
    {
      '1: issue issued, issue issued, issue issued': 1_474_638,
    },
  ],
  [
    'when another request uses its key at the same time',
    { of: ['repeat', 'reuse'], links: 1 },
    {
      '1: issue idempotency_key_reused, issue issued': 400,
    },
  ],
  [
    'while its link is redeemed, after a function died before marking the plan as carried out',
    {
      of: ['repeat', 'redeem'],
      links: 1,
      kills: 1,
      faults: { most: 1, fatesOf: fatesOfCalls },
      after: { call: 'UpdateItem plans', secondsAgo: 60 },
    },
    REPEATED_AND_REDEEMED_AFTER_A_DEATH,
  ],
  [
    'while its link is redeemed, after a function died before writing the ledger',
    {
      of: ['repeat', 'redeem'],
      links: 1,
      kills: 1,
      faults: { most: 1, fatesOf: fatesOfCalls },
      after: { call: 'ledger.append', secondsAgo: 60 },
    },
    REPEATED_AND_REDEEMED_AFTER_A_DEATH,
  ],
  [
    'when it is sent twice at the end of its day, after a function died before marking the plan as carried out',
    {
      of: ['repeat', 'repeat'],
      links: 1,
      turns: 'noticeable',
      kills: 1,
      seconds: 1,
      after: { call: 'UpdateItem plans', secondsAgo: DAY_SECONDS - 1 },
    },
    {
      '1: issue issued, issue issued, issue killed': 442,
      '1: issue issued, issue killed, issue killed': 1_542,
      '2: issue issued, issue issued, issue killed': 462,
      '2: issue issued, issue killed, issue killed': 1_556,
    },
  ],
];

describe('in every interleaving,', () => {
  test.each(REPETITIONS)(
    'a named request issues at most one set of links per day %s',
    async (_name, scenario, endings) => {
      expect(await endingsOf(scenario)).toEqual(endings);
    },
  );
});

/** Outcomes that the storms must reach. Storms prove nothing about an outcome that they never reach. */
const REACHED = [
  'issued by name',
  'idempotency_key_reused',
  'redeemed',
  'killed',
  'request-lost',
  'response-lost',
  'doubled',
  'arrives late',
];

test('a request with an idempotency key issues one set of links, even if it is repeated up to a hundred times', async () => {
  const tally = new Map<string, number>();
  for (let seed = 1; seed <= STORMS; seed += 1) {
    const outcome = await runStorm(seed);
    if (outcome.violation !== undefined) throw new Error(formatOutcome(outcome));
    for (const [what, times] of outcome.tally) tally.set(what, (tally.get(what) ?? 0) + times);
  }
  expect(REACHED.filter((what) => (tally.get(what) ?? 0) < 20)).toEqual([]);
});
