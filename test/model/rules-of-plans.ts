import type { Repetition } from '../../lambda/domain/idempotency.ts';
import { epochSeconds, type TokenId } from '../../lambda/domain/ids.ts';
import type { IssuedLink } from '../../lambda/domain/issue-links.ts';
import type { Row } from '../support/dynamo/expression-reader.ts';
import type { AppliedWrite } from '../support/dynamo/memory-tables.ts';
import type { Actor } from './actor.ts';
import type { KnownPlan, Referee } from './referee.ts';
import type { World } from './world.ts';

const RULE = 'one named request, one set of links';

/** Judges a write to the table of plans at the moment it is applied, and referee it. */
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
    if (stands) referee.violate(RULE, `${actor.name} put another plan of ${name} over the one that stands`);
    referee.plansOf(name).push(plan);
  } else if (earlier === undefined || !isCarriedOutNow(earlier, plan)) {
    referee.violate(RULE, `${actor.name} changed the plan of ${name}`);
  } else if (!plan.tokenIds.every((tokenId) => referee.find(tokenId) !== undefined)) {
    referee.violate(RULE, `${actor.name} says that the plan of ${name} is carried out, and it is not`);
  }
}

/** Judges a record that a named request puts: the plan decides how many there are, and which. */
export function judgePlanned(referee: Referee, actor: Actor, tokenId: string): void {
  const { requestName } = actor;
  if (requestName === undefined) return;
  if (!referee.plansOf(requestName).some(({ tokenIds }) => tokenIds.some((id) => id === tokenId))) {
    referee.violate(RULE, `${actor.name} put a record that no plan knows`);
  }
}

/** Judges the answer to a named request: the links of its plan, and no others. */
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
  if (!planned) referee.violate(RULE, `${actor.name} was told of links that no plan of ${name} knows`);
}

/** Judges that somebody was told that a name was given to another request. */
export function judgeReused(referee: Referee, actor: Actor, { name, digest }: Repetition): void {
  if (referee.plansOf(name).every((plan) => plan.digest === digest)) {
    referee.violate('the answers are true', `${actor.name} was told that ${name} is another request's`);
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
 * Judges the day's count of mails: every link that is mailed is counted, and a function that dies or goes without an
 * answer costs the day one mail at the most.
 *
 * @param mailed how many links there are that are mailed
 */
export function judgeMailsCounted({ referee, quota, actors }: World, mailed: number): void {
  const counted = quota.countOf('program-mails');
  const lost = actors.filter(({ state, faults }) => state === 'killed' || faults.length > 0).length;
  if (counted < mailed || counted > mailed + (mailed > 0 ? lost : 0)) {
    referee.violate('the records agree', `${counted} mails are counted, ${mailed} due, ${lost} lost`);
  }
}
