import { describe, expect, test } from '@jest/globals';
import { explore, uniqueName } from './exploration.ts';
import { fatesOfCalls, fatesOfReceipts, lostResponsesOfReceipts, type Race, race } from './race.ts';
import { formatOutcome } from './search.ts';

/*
 * Runs every interleaving of a few functions that race to end one link. A step is one port call or one operation on a
 * table. The tests assert how many interleavings lead to each ending, so that the search cannot shrink unnoticed:
 * if you add a call to a redemption or a revocation, update the numbers.
 */
const LIFETIME_SECONDS = 900;

/** The number of interleavings for each ending. An ending is the receipt's kind and the response to each caller. */
type Endings = Readonly<Record<string, number>>;

async function endingsOf(scenario: Race, identify?: typeof uniqueName): Promise<Endings> {
  const { broken, endings } = await explore(race(scenario), identify);
  if (broken !== undefined) throw new Error(formatOutcome(broken));
  // Jest cannot report BigInts that differ. All of these counts fit into a number.
  return Object.fromEntries([...endings].map(([ending, ways]) => [ending, Number(ways)]));
}

const RACES: readonly (readonly [name: string, race: Race, endings: Endings])[] = [
  [
    'a redemption and a revocation',
    { between: ['redeem', 'revoke'], delivery: 'redirect' },
    {
      'revoked: redeem token_revoked, revoke revoked': 4_244,
      'redeemed: redeem redeemed, revoke token_redeemed': 1_428,
    },
  ],
  [
    'a redemption and a revocation, with one failed call',
    { between: ['redeem', 'revoke'], delivery: 'redirect', faults: { most: 1, fatesOf: fatesOfCalls } },
    {
      'revoked: redeem token_revoked, revoke revoked': 216_124,
      'revoked: redeem nothing, revoke revoked': 2_804,
      'redeemed: redeem redeemed, revoke token_redeemed': 72_122,
      'redeemed: redeem redeemed, revoke nothing': 960,
    },
  ],
  [
    'a redemption and a revocation, with one failed call and one killed function',
    {
      between: ['redeem', 'revoke'],
      delivery: 'redirect',
      faults: { most: 1, fatesOf: fatesOfCalls },
      kills: 1,
    },
    {
      'revoked: redeem token_revoked, revoke revoked': 216_124,
      'revoked: redeem killed, revoke revoked': 391_508,
      'revoked: redeem nothing, revoke revoked': 2_804,
      'revoked: redeem token_revoked, revoke killed': 228_104,
      'revoked: redeem nothing, revoke killed': 3_618,
      'redeemed: redeem redeemed, revoke token_redeemed': 72_122,
      'redeemed: redeem redeemed, revoke killed': 123_586,
      'redeemed: redeem killed, revoke token_redeemed': 77_886,
      'no receipt: redeem nothing, revoke killed': 802,
      'redeemed: redeem redeemed, revoke nothing': 960,
      'redeemed: redeem killed, revoke nothing': 1_200,
      'no receipt: redeem killed, revoke nothing': 628,
    },
  ],
  [
    'a redemption and a revocation while the link expires',
    { between: ['redeem', 'revoke'], delivery: 'redirect', seconds: LIFETIME_SECONDS },
    {
      'revoked: redeem token_revoked, revoke revoked': 22_536,
      'revoked: redeem token_expired, revoke revoked': 10_532,
      'redeemed: redeem redeemed, revoke token_redeemed': 9_194,
    },
  ],
  [
    'a streamed redemption and a revocation',
    { between: ['redeem', 'revoke'], delivery: 'stream' },
    {
      'revoked: revoke revoked, stream token_revoked': 2_224,
      'redeemed: revoke token_redeemed, stream redeemed': 1_900,
    },
  ],
  [
    'a streamed redemption and a revocation, with one failed put and one killed function',
    {
      between: ['redeem', 'revoke'],
      delivery: 'stream',
      faults: { most: 1, fatesOf: fatesOfReceipts },
      kills: 1,
    },
    {
      'revoked: revoke revoked, stream token_revoked': 75_396,
      'revoked: revoke revoked, stream killed': 125_792,
      'revoked: revoke killed, stream token_revoked': 91_988,
      'redeemed: revoke token_redeemed, stream redeemed': 150_724,
      'redeemed: revoke killed, stream redeemed': 112_606,
      'redeemed: revoke token_redeemed, stream killed': 46_662,
    },
  ],
  [
    'two streamed redemptions with a notice',
    { between: ['redeem', 'redeem'], delivery: 'stream', notice: 'wanted' },
    {
      'redeemed: stream redeemed, stream token_redeemed': 47_760,
    },
  ],
  [
    'two streamed redemptions, with one failed put and one killed function',
    {
      between: ['redeem', 'redeem'],
      delivery: 'stream',
      faults: { most: 1, fatesOf: fatesOfReceipts },
      kills: 1,
    },
    {
      'redeemed: stream redeemed, stream token_redeemed': 2_184_768,
      'redeemed: stream killed, stream redeemed': 1_665_664,
      'redeemed: stream killed, stream token_redeemed': 639_012,
    },
  ],
  [
    'the fifth wrong code and the right one, with one killed function',
    { between: ['guess', 'redeem'], delivery: 'redirect', code: 'asked', kills: 1 },
    {
      'no receipt: redeem killed, redeem unavailable': 6_580,
      'redeemed: redeem killed, redeem redeemed': 95_068,
      'redeemed: redeem killed, redeem token_redeemed': 56_876,
      'redeemed: redeem killed, redeem unavailable': 9_660,
      'redeemed: redeem redeemed, redeem token_redeemed': 48_976,
      'redeemed: redeem redeemed, redeem unavailable': 5_880,
      'revoked: redeem killed, redeem token_revoked': 315_326,
      'revoked: redeem token_revoked, redeem token_revoked': 96_620,
    },
  ],
  [
    'the fifth and the sixth wrong code, with one killed function',
    { between: ['guess', 'guess'], delivery: 'redirect', code: 'asked', kills: 1 },
    {
      'revoked: redeem killed, redeem token_revoked': 129_036,
      'revoked: redeem token_revoked, redeem token_revoked': 44_520,
    },
  ],
  [
    'two redemptions and a revocation',
    { between: ['redeem', 'revoke', 'redeem'], delivery: 'redirect' },
    {
      'revoked: redeem token_revoked, redeem token_revoked, revoke revoked': 267_902_240,
      'redeemed: redeem redeemed, redeem token_redeemed, revoke token_redeemed': 187_164_288,
    },
  ],
  [
    'two redemptions and a revocation, with one put whose response is lost',
    {
      between: ['redeem', 'revoke', 'redeem'],
      delivery: 'redirect',
      turns: 'noticeable',
      faults: { most: 1, fatesOf: lostResponsesOfReceipts },
    },
    {
      'revoked: redeem token_revoked, redeem token_revoked, revoke revoked': 2_493_096,
      'redeemed: redeem redeemed, redeem token_redeemed, revoke token_redeemed': 4_986_192,
    },
  ],
  [
    'two redemptions and a revocation, with one killed function',
    { between: ['redeem', 'revoke', 'redeem'], delivery: 'redirect', turns: 'noticeable', kills: 1 },
    {
      'revoked: redeem token_revoked, redeem token_revoked, revoke revoked': 354_696,
      'revoked: redeem killed, redeem token_revoked, revoke revoked': 1_036_200,
      'revoked: redeem token_revoked, redeem token_revoked, revoke killed': 393_888,
      'redeemed: redeem redeemed, redeem token_redeemed, revoke token_redeemed': 709_392,
      'redeemed: redeem killed, redeem redeemed, revoke token_redeemed': 1_036_200,
      'redeemed: redeem redeemed, redeem token_redeemed, revoke killed': 1_036_200,
      'redeemed: redeem killed, redeem token_redeemed, revoke token_redeemed': 787_776,
    },
  ],
];

describe('every interleaving of a small race ends in a consistent final state', () => {
  test.each(RACES)('no interleaving has two winners: %s', async (_name, scenario, endings) => {
    expect(await endingsOf(scenario)).toEqual(endings);
  });
});

test('a search that does not merge equal states finds the same endings', async () => {
  const scenario: Race = {
    between: ['redeem', 'revoke'],
    delivery: 'redirect',
    turns: 'noticeable',
    kills: 1,
  };
  expect(await endingsOf(scenario, uniqueName)).toEqual(await endingsOf(scenario));
});
