import { type NamedRequest, repeat } from './issuing.ts';
import { drain } from './moves.ts';
import type { Entry } from './referee.ts';
import { FILE, type World } from './world.ts';

/**
 * Sends a named request once more, without faults. If the current plan belongs to this request, the response must
 * contain the links of the plan, and each link must exist or have existed. If the plan belongs to a different request,
 * the repeated request must be refused. If there is no current plan, the request must write one.
 */
export async function endNamed(world: World, named: NamedRequest): Promise<void> {
  const { referee, now } = world;
  const { name, digest } = named.repetition;
  const standing = referee.plansOf(name).findLast(({ removeAt }) => removeAt > now);
  if (standing === undefined) world.files.offer(FILE);
  const before = countOf(world, 'issued by name');
  repeat(world, named);
  await drain(world);

  const plan = referee.plansOf(name).findLast(({ removeAt }) => removeAt > now);
  const responses = countOf(world, 'issued by name') - before;
  if ((plan?.digest === digest) !== (responses === 1)) {
    referee.violate('every response is correct', `responses to ${name} at the end: ${responses}`);
  }
  if (standing !== undefined && plan?.tokenIds.join() !== standing.tokenIds.join()) {
    referee.violate('repeated requests get the same links', `${name} has different links at the end`);
  }
  if (plan?.digest !== digest) return;
  const { count } = named.request;
  const there = plan.tokenIds.filter((tokenId) => {
    const entry = referee.find(tokenId);
    return entry !== undefined && isAccountedFor(world, entry);
  });
  if (plan.tokenIds.length !== count || there.length !== count) {
    referee.violate(
      'repeated requests get the same links',
      `links of ${name}: ${count}, accounted for: ${there.length}`,
    );
  }
}

/** Returns whether a link has a record or receipt, has expired, or was lost when a backup was restored. */
function isAccountedFor({ tables, now }: World, { record, everLost }: Entry): boolean {
  const { tokenId, expiresAt } = record;
  return (
    tables.rows('tokens').has(tokenId) || tables.rows('receipts').has(tokenId) || expiresAt <= now || everLost
  );
}

function countOf({ tally }: World, what: string): number {
  return tally.get(what) ?? 0;
}
