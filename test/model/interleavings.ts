import type { Scenario } from './branch.ts';
import { explore } from './exploration.ts';
import { fatesOfReceipts, race } from './race.ts';
import { repetitions } from './repetition.ts';
import type { Outcome } from './schedule.ts';
import type { World } from './world.ts';

const DAY_SECONDS = 86_400;
const oneLostPut = { most: 1, fatesOf: fatesOfReceipts };

/** The smallest scenarios that expose every seeded bug in ending a link or in issuing with an idempotency key. */
const SMALLEST: readonly Scenario<World>[] = [
  race({ between: ['redeem', 'revoke'], delivery: 'redirect', faults: oneLostPut }),
  race({ between: ['redeem', 'redeem'], delivery: 'stream', notice: 'wanted', faults: oneLostPut }),
  race({ between: ['guess', 'redeem'], delivery: 'redirect', code: 'asked', kills: 1 }),
  repetitions({ of: ['repeat', 'repeat'], links: 'mailed', kills: 1 }),
  repetitions({
    of: ['repeat', 'repeat'],
    links: 1,
    turns: 'noticeable',
    kills: 1,
    seconds: 1,
    after: { call: 'UpdateItem plans', secondsAgo: DAY_SECONDS - 1 },
  }),
];

/** Searches every interleaving of a few small scenarios until one violates a rule. */
export async function searchInterleavings(): Promise<{
  readonly broken: Outcome | undefined;
  readonly schedules: number;
}> {
  let schedules = 0;
  for (const scenario of SMALLEST) {
    const found = await explore(scenario);
    schedules += Number(found.schedules);
    if (found.broken !== undefined) return { broken: found.broken, schedules };
  }
  return { broken: undefined, schedules };
}
