import { describe, expect, test } from '@jest/globals';
import { explore } from '../exploration.ts';
import { fatesOfCalls } from '../race.ts';
import type { Step } from '../scheduler.ts';
import { formatOutcome } from '../search.ts';
import { type UploadRace, uploadRace } from './race.ts';

/*
 * Runs every interleaving of a few functions that handle one upload. After each interleaving, all remaining work is
 * done. A step is one port call or one operation on the table. The tests assert how many interleavings lead to
 * each final state, and how many distinct states of the whole machine they pass through, so that the search cannot
 * shrink unnoticed. If you add a call to an operation, update the numbers.
 */
const SENT = ['open', 'send'] as const;
const SENT_IN_PARTS = ['open', 'sign', 'send'] as const;
const ONE_FAULT_AND_ONE_KILL = { faults: { most: 1, fatesOf: fatesOfCalls }, kills: 1 } as const;
const ONE_LOST_RESPONSE = { faults: { most: 1, fatesOf: lostResponsesOfWrites } } as const;

function lostResponsesOfWrites({ label }: Step) {
  return label === 'PutItem uploads' ? (['response-lost'] as const) : [];
}

/** The number of distinct machine states, and the number of interleavings for each final state of the upload. */
type Found = readonly [states: number, endings: Readonly<Record<string, number>>];

const RACES: readonly (readonly [name: string, race: UploadRace, found: Found])[] = [
  [
    'two finalizes',
    { after: SENT, between: ['finalize', 'finalize'], ...ONE_FAULT_AND_ONE_KILL },
    [335, { finalized: 185_298, created: 17_388 }],
  ],
  [
    'a finalize and a clean verdict',
    { after: SENT, between: ['finalize', 'clean v1'], ...ONE_FAULT_AND_ONE_KILL },
    [824, { published: 458_634, clean: 55_718, finalized: 49_442, created: 8_678 }],
  ],
  [
    'a finalize and a clean verdict on an older version',
    { after: [...SENT, 'post'], between: ['finalize', 'clean v1'], ...ONE_FAULT_AND_ONE_KILL },
    [443, { finalized: 108_233, clean: 55_718, created: 8_678 }],
  ],
  [
    'a finalize and the arrival of an older version',
    { after: [...SENT, 'post'], between: ['finalize', 'arrived v1'], ...ONE_FAULT_AND_ONE_KILL },
    [412, { finalized: 48_295, uploaded: 27_523, created: 3_976 }],
  ],
  [
    'a finalize and an unclear verdict',
    { after: SENT, between: ['finalize', 'failed v1'], ...ONE_FAULT_AND_ONE_KILL },
    [480, { 'parked scan_failed': 138_272, finalized: 49_442, created: 8_678 }],
  ],
  [
    'a finalize and a cancellation',
    { after: SENT, between: ['finalize', 'cancel'], ...ONE_FAULT_AND_ONE_KILL },
    [457, { 'expired cancelled': 91_016, finalized: 20_225, created: 3_976 }],
  ],
  [
    'a finalize and a sweep that finds the session over',
    {
      after: [...SENT, 'nearly the end'],
      between: ['finalize', 'one call', 'one second', 'sweep'],
      ...ONE_FAULT_AND_ONE_KILL,
    },
    [2_020, { finalized: 582_066, 'expired timed_out': 21_499_804, created: 46_696 }],
  ],
  [
    'a clean verdict and a sweep that finds no verdict',
    {
      after: [...SENT, 'finalize', 'no verdict'],
      between: ['clean v1', 'sweep'],
      turns: 'noticeable',
      kills: 1,
    },
    [1_667, { published: 492_284_380 }],
  ],
  [
    'two sweeps that find no verdict',
    { after: [...SENT, 'finalize', 'no verdict'], between: ['sweep', 'sweep'], kills: 1 },
    [655, { finalized: 56_574_142 }],
  ],
  [
    'a release and a verdict of threats',
    {
      after: [...SENT, 'finalize', 'failed v1'],
      between: ['release', 'threats v1'],
      ...ONE_FAULT_AND_ONE_KILL,
    },
    [1_476, { 'rejected malware': 2_418_462, published: 38_990, 'parked scan_failed': 2_459 }],
  ],
  [
    'two contradictory verdicts',
    { after: [...SENT, 'finalize'], between: ['threats v1', 'clean v1'], ...ONE_FAULT_AND_ONE_KILL },
    [5_825, { 'rejected malware': 548_678_992, published: 3_446_408, finalized: 2_322 }],
  ],
  [
    'two openings with one idempotency key',
    { after: [], between: ['open', 'open'], ...ONE_FAULT_AND_ONE_KILL },
    [1_423, { created: 566_970, nothing: 2_104 }],
  ],
  [
    'two openings with one idempotency key for a file in parts',
    { after: [], between: ['open', 'open'], sent: 'in parts', kills: 1 },
    [1_357, { created: 11_610_822 }],
  ],
  [
    'two finalizes of a file in parts',
    { after: SENT_IN_PARTS, between: ['finalize', 'finalize'], sent: 'in parts', ...ONE_FAULT_AND_ONE_KILL },
    [1_060, { finalized: 1_992_324, created: 189_266 }],
  ],
  [
    'a finalize and a cancellation of a file in parts',
    { after: SENT_IN_PARTS, between: ['finalize', 'cancel'], sent: 'in parts', ...ONE_FAULT_AND_ONE_KILL },
    [577, { 'expired cancelled': 229_768, finalized: 40_953, created: 10_215 }],
  ],
  [
    'a finalize, a clean verdict, and a cancellation',
    { after: SENT, between: ['finalize', 'clean v1', 'cancel'], turns: 'noticeable', kills: 1 },
    [7_277, { 'expired cancelled': 14_714_259_369, published: 20_991_373_523 }],
  ],
  [
    'two finalizes and a clean verdict, with one lost response to a write',
    { after: SENT, between: ['finalize', 'finalize', 'clean v1'], turns: 'noticeable', ...ONE_LOST_RESPONSE },
    [4_571, { published: 4_104_595_710, finalized: 4_558_680 }],
  ],
  [
    'a release, a rejection, and a verdict of threats',
    {
      after: [...SENT, 'finalize', 'failed v1'],
      between: ['release', 'reject', 'threats v1'],
      turns: 'noticeable',
    },
    [3_382, { 'rejected operator': 333_970_040, 'rejected malware': 2_118_865_560 }],
  ],
];

describe('every interleaving of a few functions on one upload obeys the rules', () => {
  test.each(RACES)('no interleaving breaks a rule: %s', async (_name, race, [states, endings]) => {
    const found = await explore(uploadRace(race));
    if (found.broken !== undefined) throw new Error(formatOutcome(found.broken));
    // Jest cannot report BigInts that differ. All of these counts fit into a number.
    expect([
      found.states,
      Object.fromEntries([...found.endings].map(([end, ways]) => [end, Number(ways)])),
    ]).toEqual([states, endings]);
  });
});
