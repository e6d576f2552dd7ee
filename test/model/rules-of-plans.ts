import type { Repetition } from '../../lambda/domain/idempotency.ts';
import { epochSeconds, type TokenId } from '../../lambda/domain/ids.ts';
import type { IssuedLink } from '../../lambda/domain/issue-links.ts';
import type { Row } from '../support/dynamo/expression-reader.ts';
import type { AppliedWrite } from '../support/dynamo/memory-tables.ts';
import type { Actor } from './actor.ts';
import type { KnownPlan, Referee } from './referee.ts';
import type { World } from './world.ts';

const RULE = 'repeated requests get the same links';

/** Checks a write to the table of plans when it is applied, and records it with the referee. */
export function judgePlan(referee: Referee, actor: Actor, write: AppliedWrite): void {
  const { key: name, operation, before, after } = write;
  const plan = planIn(after);
  if (plan === undefined) {
    referee.violate(RULE, `${actor.name}: ${operation} of the plan of ${name}`);
    return;
  }
  const earlier = planIn(before);
  const stands = earlier !== undefined && earlier.removeAt > epochSeconds(actor.clock());
  if (operation === 'put') {
    if (stands) referee.violate(RULE, `${actor.name} overwrote the current plan of ${name}`);
    referee.plansOf(name).push(plan);
  } else if (earlier === undefined || !isCarriedOutNow(earlier, plan)) {
    referee.violate(RULE, `${actor.name} changed the plan of ${name}`);
  } else if (!plan.tokenIds.every((tokenId) => referee.find(tokenId) !== undefined)) {
    referee.violate(RULE, `${actor.name} marked the plan of ${name} as carried out, but it is not`);
  }
}

/** Checks that a record put by a named request is listed in the request's plan. */
export function judgePlanned(referee: Referee, actor: Actor, tokenId: string): void {
  const { requestName } = actor;
  if (requestName === undefined) return;
  if (!referee.plansOf(requestName).some(({ tokenIds }) => tokenIds.some((id) => id === tokenId))) {
    referee.violate(RULE, `${actor.name} put a record that is in no plan`);
  }
}

/** Checks that the response to a named request contains exactly the links of its plan. */
export function judgeIssued(
  referee: Referee,
  actor: Actor,
  { name, digest }: Repetition,
  links: readonly IssuedLink[],
): void {
  const told = links.map(({ record }) => record.tokenId).join();
  const planned = referee
    .plansOf(name)
    .some((plan) => plan.digest === digest && plan.tokenIds.join() === told);
  if (!planned) referee.violate(RULE, `${actor.name} was given links that are in no plan of ${name}`);
}

/** Checks that another request really has this name, as the caller was told. */
export function judgeReused(referee: Referee, actor: Actor, { name, digest }: Repetition): void {
  if (referee.plansOf(name).every((plan) => plan.digest === digest)) {
    referee.violate(
      'every response is correct',
      `${actor.name} was wrongly told that another request is named ${name}`,
    );
  }
}

function isCarriedOutNow(before: KnownPlan, after: KnownPlan): boolean {
  return after.carriedOut && JSON.stringify({ ...before, carriedOut: true }) === JSON.stringify(after);
}

function planIn(row: Row | undefined): KnownPlan | undefined {
  if (row === undefined) return undefined;
  const { tokenIds, digest, removeAt, carriedOut, issuedAt } = row as unknown as KnownPlan;
  if (!Array.isArray(tokenIds)) return undefined;
  return { tokenIds: tokenIds as readonly TokenId[], digest, removeAt, carriedOut, issuedAt };
}

/**
 * Checks the day's count of e-mails: every mailed link is counted, and a function that is killed or hits a fault wastes
 * at most one e-mail.
 *
 * @param mailed the number of mailed links
 */
export function judgeMailsCounted({ referee, quota, actors }: World, mailed: number): void {
  const counted = quota.countOf('program-mails');
  const lost = actors.filter(({ state, faults }) => state === 'killed' || faults.length > 0).length;
  if (counted < mailed || counted > mailed + (mailed > 0 ? lost : 0)) {
    referee.violate(
      'the tables agree',
      `e-mails counted: ${counted}, due: ${mailed}, wasted at most: ${lost}`,
    );
  }
}
