import type { Scenario } from './branch.ts';
import { explore } from './exploration.ts';
import { fatesOfReceipts, race } from './race.ts';
import { repetitions } from './repetition.ts';
import type { Outcome } from './schedule.ts';
import type { Stage } from './stage.ts';
import { uploadRace } from './uploads/race.ts';

const DAY_SECONDS = 86_400;
const oneLostPut = { most: 1, fatesOf: fatesOfReceipts };

/** The smallest scenarios that together expose every seeded bug in code that ends links or serves named requests. */
const LINK_SCENARIOS = [
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

const SENT = ['open', 'send'] as const;

/** The smallest scenarios that together expose every seeded bug in uploads that only some orders of calls reveal. */
const UPLOAD_SCENARIOS = [
  uploadRace({ after: SENT, between: ['finalize', 'clean v1'], kills: 1 }),
  uploadRace({ after: [...SENT, 'post'], between: ['finalize', 'clean v1'] }),
  uploadRace({ after: [...SENT, 'post'], between: ['finalize', 'arrived v1'], kills: 1 }),
  uploadRace({
    after: [...SENT, 'failed v1'],
    between: ['finalize', 'one call', 'one call', 'post', 'finalize'],
  }),
  uploadRace({ after: [...SENT, 'finalize', 'failed v1'], between: ['release', 'threats v1'] }),
  uploadRace({
    after: [...SENT, 'nearly the end'],
    between: ['finalize', 'one call', 'one second', 'sweep'],
  }),
];

export const searchInterleavings = () => searchAll(LINK_SCENARIOS);
export const searchUploadInterleavings = () => searchAll(UPLOAD_SCENARIOS);

/** Searches every interleaving of a few small scenarios until one violates a rule. */
async function searchAll<W extends Stage>(
  scenarios: readonly Scenario<W>[],
): Promise<{ readonly broken: Outcome | undefined; readonly schedules: number }> {
  let schedules = 0;
  for (const scenario of scenarios) {
    const found = await explore(scenario);
    schedules += Number(found.schedules);
    if (found.broken !== undefined) return { broken: found.broken, schedules };
  }
  return { broken: undefined, schedules };
}
