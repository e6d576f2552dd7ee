import type { IssueLinksRequest } from '../../lambda/domain/plan-links.ts';
import { CALLER } from '../support/memory-world.ts';
import { assetName, email } from '../support/values.ts';
import { redeem } from './attempts.ts';
import type { Mischief, Scenario } from './branch.ts';
import { endNamed } from './end-named.ts';
import { type NamedRequest, nameRequest, repeat, reuseName } from './issuing.ts';
import { judgeMailsCounted } from './rules-of-plans.ts';
import { FILE, type World } from './world.ts';

/** How many links are asked for; `mailed` for one that has a recipient. */
export type Links = number | 'mailed';

export interface Repetitions extends Mischief, Pick<Scenario, 'turns'> {
  /** What happens at once. */
  readonly of: readonly ('repeat' | 'reuse' | 'redeem')[];
  readonly links: Links;
  /** A function that died before this call of its, and how many seconds ago that was. */
  readonly after?: { readonly call: string; readonly secondsAgo: number };
}

const LIFETIME_SECONDS = 3 * 86_400;

/** One named request that is sent several times at once. */
export function repetitions({ of, links, after, ...rules }: Repetitions): Scenario {
  return {
    ...rules,
    begin: async (world) => {
      const named = nameRequest(world, requestFor(links));
      if (after !== undefined) await dieBefore(world, named, after);
      for (const what of of) {
        if (what === 'repeat') repeat(world, named);
        else if (what === 'reuse') reuseName(world, named);
        else for (const entry of world.referee.entries) redeem(world, entry);
      }
    },
    judge: async (world) => {
      for (const named of world.named) await endNamed(world, named);
      judgeMailsCounted(world, links === 'mailed' ? 1 : 0);
    },
    endingOf,
  };
}

/** The request for so many links. */
export function requestFor(links: Links): IssueLinksRequest {
  return {
    asset: assetName(FILE),
    caller: CALLER,
    lifetimeSeconds: LIFETIME_SECONDS,
    open: 'confirm',
    delivery: 'redirect',
    count: links === 'mailed' ? 1 : links,
    language: 'en',
    ...(links === 'mailed' && { recipient: email('ada@example.org') }),
  };
}

/** A function dies before it makes this call, and all of it is some time ago. */
async function dieBefore(
  world: World,
  named: NamedRequest,
  { call, secondsAgo }: NonNullable<Repetitions['after']>,
): Promise<void> {
  const { scheduler, time } = world;
  const actor = repeat(world, named);
  await scheduler.settle();
  for (
    let [step] = scheduler.waiting;
    step !== undefined && step.label !== call;
    [step] = scheduler.waiting
  ) {
    await scheduler.run(step, 'done');
  }
  scheduler.kill(actor, () => false);
  time.advance(secondsAgo);
}

/** How many links there are by their records and receipts, and what everyone was told. */
function endingOf({ tables, actors }: World): string {
  const ids = new Set([...tables.rows('tokens').keys(), ...tables.rows('receipts').keys()]);
  const told = actors.map(
    ({ operation, state, told = state === 'killed' ? state : 'nothing' }) => `${operation} ${told}`,
  );
  return `${ids.size}: ${told.sort().join(', ')}`;
}
