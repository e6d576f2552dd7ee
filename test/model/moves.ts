import { type EpochSeconds, epochSeconds, secondsAfter } from '../../lambda/domain/ids.ts';
import {
  guess,
  lookByGet,
  redeem,
  redeemFromElsewhere,
  redeemOtherwise,
  repeat as repeatDownload,
} from './attempts.ts';
import { issue, nameRequest, repeat, reuseName } from './issuing.ts';
import { deliver, inspect, renew, report, request, revoke } from './operations.ts';
import { calm } from './profiles.ts';
import { type Entry, trueState } from './referee.ts';
import { MADE_UP, OUTSIDE } from './sources.ts';
import type { Stage } from './stage.ts';
import { FILE, type World } from './world.ts';

/** An event that can happen next, with its weight. */
export type Move = readonly [weight: number, happen: () => void | Promise<void>];

/** Lambda's timeout in seconds, which also bounds how long a call stays in flight. */
export const FUNCTION_TIMEOUT_SECONDS = 30;
/** How long DynamoDB keeps a backup, in seconds. */
const BACKUP_RETENTION_SECONDS = 35 * 86_400;
const MOST_TOKENS = 3;
const MOST_NAMED_REQUESTS = 2;

/** Makes one move: executes a pending call, kills a function, invokes functions, or triggers an outside event. */
export async function move(world: World): Promise<void> {
  await world.choices.weighted([...callMoves(world), ...invocationMoves(world), ...worldMoves(world)])();
  await world.scheduler.settle();
}

/** Finishes everything that has begun, without further faults. */
export async function drain({ choices, scheduler }: Stage): Promise<void> {
  while (scheduler.waiting.length > 0 || scheduler.inFlight.length > 0) {
    const moves: Move[] = [
      [scheduler.waiting.length, () => scheduler.step(calm.fateOf)],
      [scheduler.inFlight.length, () => scheduler.landAny()],
    ];
    await choices.weighted(moves)();
  }
}

/** Returns the moves that execute a call or kill a function. */
export function callMoves({ scheduler, profile }: Stage): Move[] {
  return [
    [scheduler.waiting.length > 0 ? 60 : 0, () => scheduler.step(profile.fateOf)],
    [scheduler.inFlight.length > 0 ? 8 : 0, () => scheduler.landAny()],
    [profile.kills && scheduler.waiting.length > 0 ? 2 : 0, () => scheduler.killAny()],
  ];
}

function invocationMoves(world: World): Move[] {
  const { referee, choices, held, queue, now } = world;
  const minting = world.running.filter(({ operation }) => operation === 'request' || operation === 'issue');
  const room = referee.entries.length + minting.length < MOST_TOKENS;
  const some = held.length > 0;
  const holder = () => choices.pick(held);
  const live = held.filter((entry) => trueState(entry, now) === 'live');
  const repeatable = held.filter(({ secret }) => secret !== undefined);
  const coded = live.filter(({ record }) => record.presenceCode);
  const guarded = live.filter(({ record }) => record.allowedCidrs !== undefined);
  return [
    [room ? 4 : 0, () => request(world)],
    [room ? 2 : 0, () => issue(world)],
    [room && world.named.length < MOST_NAMED_REQUESTS ? 2 : 0, () => repeatAtOnce(world)],
    [world.named.length > 0 ? 2 : 0, () => void repeat(world, choices.pick(world.named))],
    [world.named.length > 0 ? 0.3 : 0, () => void reuseName(world, choices.pick(world.named))],
    [queue.visible.length > 0 ? 10 : 0, () => deliverOne(world)],
    [queue.abandoned.length > 0 ? 4 : 0, () => queue.release(choices.pick(queue.abandoned))],
    [queue.dead.length > 0 ? 2 : 0, () => redrive(world)],
    [live.length > 0 ? 8 : 0, () => redeemConcurrently(world, choices.pick(live))],
    [some ? 2 : 0, () => void redeem(world, holder())],
    [repeatable.length > 0 ? 15 : 0, () => repeatSome(world, choices.pick(repeatable))],
    [repeatable.length > 0 ? 1 : 0, () => void repeatDownload(world, choices.pick(repeatable), MADE_UP)],
    [coded.length > 0 ? 4 : 0, () => guessOften(world, choices.pick(coded))],
    [some ? 0.5 : 0, () => void redeemOtherwise(world, holder())],
    [guarded.length > 0 ? 2 : 0, () => void redeemFromElsewhere(world, choices.pick(guarded))],
    [guarded.length > 0 ? 0.5 : 0, () => inspect(world, choices.pick(guarded), OUTSIDE)],
    [held.some(({ record }) => record.open === 'confirm') ? 2 : 0, () => scan(world)],
    [some ? 1 : 0, () => inspect(world, holder())],
    [some ? 1 : 0, () => renew(world, holder())],
    [some ? 1 : 0, () => report(world, holder())],
    [referee.entries.length > 0 ? 1 : 0, () => void revoke(world, choices.pick(referee.entries))],
  ];
}

/** Delivers a message to one function, or occasionally to two. */
function deliverOne(world: World): void {
  const { choices, queue } = world;
  const message = choices.pick(queue.visible);
  if (choices.chance(0.1)) queue.visible.push({ ...message });
  deliver(world, message);
}

function redrive(world: World): void {
  world.queue.redrive();
  world.count('redriven');
}

/** Sends a request with an idempotency key up to three times concurrently, as an impatient client does. */
function repeatAtOnce(world: World): void {
  const named = nameRequest(world);
  for (let more = 1 + world.choices.below(3); more > 0; more -= 1) repeat(world, named);
}

/** Requests the file of a redeemed link again, once or twice concurrently. */
function repeatSome(world: World, entry: Entry): void {
  for (let more = 1 + world.choices.below(2); more > 0; more -= 1) repeatDownload(world, entry);
}

function redeemConcurrently(world: World, entry: Entry): void {
  for (let more = 1 + world.choices.below(3); more > 0; more -= 1) redeem(world, entry);
}

/** Sends up to six codes concurrently. Most of them are wrong, and some are empty. */
function guessOften(world: World, entry: Entry): void {
  const { choices } = world;
  for (let more = 1 + choices.below(6); more > 0; more -= 1) {
    if (choices.chance(0.1)) guess(world, entry, '');
    else guess(world, entry);
  }
}

function scan(world: World): void {
  const links = world.held.filter(({ record }) => record.open === 'confirm');
  lookByGet(world, world.choices.pick(links));
}

function worldMoves(world: World): Move[] {
  const { tables, backups, now } = world;
  const expired = [...tables.rows('tokens')].filter(([, { expiresAt }]) => isPast(expiresAt, now));
  const over = [...tables.rows('receipts')].filter(([, { removeAt }]) => isPast(removeAt, now));
  return [
    [4, () => passTime(world)],
    [expired.length > 0 ? 4 : 0, () => reap(world, 'tokens', expired)],
    [over.length > 0 ? 4 : 0, () => reap(world, 'receipts', over)],
    [1, () => backUp(world)],
    [backups.length > 0 ? 0.7 : 0, () => restore(world)],
    [1, () => changeFile(world)],
  ];
}

function isPast(moment: unknown, now: EpochSeconds): boolean {
  return typeof moment === 'number' && moment <= now;
}

function passTime(world: World): void {
  const { referee, choices, now, time } = world;
  const ends = referee.entries.map(({ record }) => record.expiresAt).filter((end) => end > now);
  const seconds = choices.weighted<number>([
    [10, 1 + choices.below(4)],
    [1, 20],
    [ends.length > 0 ? 3 : 0, ends.length > 0 ? choices.pick(ends) - now + choices.below(3) - 1 : 0],
    [0.5, 600],
    [0.5, 86_400],
    [0.3, 40 * 86_400],
  ]);
  time.advance(seconds);
  world.note(`${seconds} s pass`);
  const limit = secondsAfter(world.now, -FUNCTION_TIMEOUT_SECONDS);
  for (const actor of world.running) {
    if (epochSeconds(actor.startedAt) < limit) world.scheduler.kill(actor);
  }
  if (seconds > FUNCTION_TIMEOUT_SECONDS) world.scheduler.dropInFlight();
}

/** Removes an expired row, as TTL eventually does. */
function reap(world: World, table: string, rows: readonly (readonly [string, unknown])[]): void {
  const [tokenId] = world.choices.pick(rows);
  world.tables.rows(table).delete(tokenId);
  const entry = world.referee.find(tokenId);
  if (entry !== undefined && table === 'receipts') entry.receiptKept = false;
  world.count(`removed from ${table}`);
  world.note(`TTL removes ${world.referee.nameOf(tokenId)} from ${table}`);
}

function backUp(world: World): void {
  world.backups.push({ at: world.now, rows: structuredClone(world.tables.rows('tokens')) });
  world.note('the token table is backed up');
}

/** Restores only the token table from a backup, as an operator might. */
function restore(world: World): void {
  const { backups, referee, choices, now, tables } = world;
  const backup = choices.pick(backups);
  if (backup.at < now - BACKUP_RETENTION_SECONDS) return;
  const rows = tables.rows('tokens');
  rows.clear();
  for (const [tokenId, row] of backup.rows) rows.set(tokenId, structuredClone(row));
  for (const entry of referee.entries) {
    const back = rows.has(entry.record.tokenId);
    if (back && entry.receipt !== undefined) world.count('a record came back');
    entry.lost = !back && entry.receipt === undefined;
    entry.everLost ||= entry.lost;
  }
  world.note('a backup of the token table is restored');
}

function changeFile({ choices, files }: World): void {
  choices.weighted<() => void>([
    [3, () => files.offer(FILE)],
    [1, () => files.remove(FILE)],
    [1, () => files.archive(FILE)],
  ])();
}
