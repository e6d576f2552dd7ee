import { describe, expect, test } from '@jest/globals';
import { explore } from './exploration.ts';
import { fatesOfCalls } from './race.ts';
import { type Repetitions, repetitions } from './repetition.ts';
import { tell } from './search.ts';
import { runStorm } from './storm.ts';

/*
 * A named request gives the same links whatever becomes of its repetitions: every interleaving of a few of them, and
 * storms of many. How many interleavings come to each end is asserted, as in every-interleaving.test.ts.
 */
const DAY_SECONDS = 86_400;
const STORMS = 600;

/** How many interleavings come to each end: how many links there are, and what everyone was told. */
type Endings = Readonly<Record<string, number>>;

async function endingsOf(scenario: Repetitions): Promise<Endings> {
  const { broken, endings } = await explore(repetitions(scenario));
  if (broken !== undefined) throw new Error(tell(broken));
  return Object.fromEntries([...endings].map(([ending, ways]) => [ending, Number(ways)]));
}

/** Whatever the function that died had still to do, its repetition and the redemption end in these ways, this often. */
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
    'twice at once',
    { of: ['repeat', 'repeat'], links: 1 },
    {
      '1: issue issued, issue issued': 4_752,
    },
  ],
  [
    'twice at once, one call of which goes wrong and one of which is killed',
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
    'twice at once, for a link that is mailed',
    { of: ['repeat', 'repeat'], links: 'mailed' },
    {
      '1: issue issued, issue issued': 462_800,
    },
  ],
  [
    'twice at once, for a link that is mailed, one call of which goes wrong',
    { of: ['repeat', 'repeat'], links: 'mailed', faults: { most: 1, fatesOf: fatesOfCalls } },
    {
      '1: issue issued, issue issued': 11_450_438,
      '1: issue issued, issue nothing': 4_116_368,
    },
  ],
  [
    'twice at once, for a link that is mailed, one of which is killed',
    { of: ['repeat', 'repeat'], links: 'mailed', kills: 1 },
    {
      '1: issue issued, issue issued': 462_800,
      '1: issue issued, issue killed': 1_824_316,
    },
  ],
  [
    'twice at once, for two links',
    { of: ['repeat', 'repeat'], links: 2, turns: 'noticeable' },
    {
      '2: issue issued, issue issued': 146_532,
    },
  ],
  [
    'three times at once',
    { of: ['repeat', 'repeat', 'repeat'], links: 1, turns: 'noticeable' },
    {
      '1: issue issued, issue issued, issue issued': 1_474_638,
    },
  ],
  [
    'at once with another request of its name',
    { of: ['repeat', 'reuse'], links: 1 },
    {
      '1: issue idempotency_key_reused, issue issued': 400,
    },
  ],
  [
    'while its link is redeemed, after a function that died before it could note that all was done',
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
    'while its link is redeemed, after a function that died before it could write the history',
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
    'twice when its day ends, after a function that died before it could note that all was done',
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

describe('a named request has one set of links after every interleaving when it is sent', () => {
  test.each(REPETITIONS)('%s', async (_name, scenario, endings) => {
    expect(await endingsOf(scenario)).toEqual(endings);
  });
});

/** What storms are for. One that never comes to it proves nothing. */
const REACHED = [
  'issued by name',
  'idempotency_key_reused',
  'redeemed',
  'killed',
  'request-lost',
  'answer-lost',
  'doubled',
  'arrives late',
];

test('a named request has one set of links in a storm of a hundred repetitions', async () => {
  const tally = new Map<string, number>();
  for (let seed = 1; seed <= STORMS; seed += 1) {
    const outcome = await runStorm(seed);
    if (outcome.violation !== undefined) throw new Error(tell(outcome));
    for (const [what, times] of outcome.tally) tally.set(what, (tally.get(what) ?? 0) + times);
  }
  expect(REACHED.filter((what) => (tally.get(what) ?? 0) < 20)).toEqual([]);
});
