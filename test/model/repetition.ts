import type { IssueLinksRequest } from '../../lambda/domain/plan-links.ts';
import { CALLER } from '../support/memory-world.ts';
import { assetName, email } from '../support/values.ts';
import { redeem } from './attempts.ts';
import type { Disturbances, Scenario } from './branch.ts';
import { endNamed } from './end-named.ts';
import { type NamedRequest, nameRequest, repeat, reuseName } from './issuing.ts';
import { judgeMailsCounted } from './rules-of-plans.ts';
import { LINKS } from './setting.ts';
import { FILE, type World } from './world.ts';

/** The number of requested links, or `mailed` for one link with a recipient. */
export type Links = number | 'mailed';

export interface Repetitions extends Disturbances, Pick<Scenario<World>, 'turns'> {
  /** The operations that run concurrently. */
  readonly of: readonly ('repeat' | 'reuse' | 'redeem')[];
  readonly links: Links;
  /** Where and when an earlier function died: before which call, and how many seconds ago. */
  readonly after?: { readonly call: string; readonly secondsAgo: number };
}

const LIFETIME_SECONDS = 3 * 86_400;

/** Returns a scenario in which functions concurrently repeat a named request, reuse its name, or redeem its links. */
export function repetitions({ of, links, after, ...rules }: Repetitions): Scenario<World> {
  return {
    setting: LINKS,
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

/** Runs a function up to this call, kills it, and then lets time pass. */
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

/** Describes how the scenario ended: the number of links with a record or receipt, and the response to each caller. */
function endingOf({ tables, actors }: World): string {
  const ids = new Set([...tables.rows('tokens').keys(), ...tables.rows('receipts').keys()]);
  const told = actors.map(
    ({ operation, state, told = state === 'killed' ? state : 'nothing' }) => `${operation} ${told}`,
  );
  return `${ids.size}: ${told.sort().join(', ')}`;
}
