import { endToken } from '../../../lambda/domain/ending.ts';
import { epochSeconds, newRedemptionId, secondsAfter, type TokenId } from '../../../lambda/domain/ids.ts';
import { LONGEST_RUN_SECONDS } from '../../../lambda/domain/lifetime.ts';
import { mintToken } from '../../../lambda/domain/mint-token.ts';
import type { TokenRecord } from '../../../lambda/domain/records.ts';
import { TTL } from '../../support/stream-records.ts';
import { assetName } from '../../support/values.ts';
import { Choices } from '../choices.ts';
import type { Outcome } from '../schedule.ts';
import { EventWorld } from './world.ts';

/** A function that has read the record of a live token, but has not ended the token yet. */
interface Ending {
  readonly record: TokenRecord;
  readonly kind: 'redeemed' | 'revoked';
  readonly readAt: number;
}

/** Links, their ledger entries, and the functions that are about to end links. */
interface Life {
  readonly world: EventWorld;
  readonly links: TokenRecord[];
  readonly endings: Ending[];
  readonly notes: Set<string>;
}

/** Simulates the lives of a few links under one schedule, and checks the published events at the end. */
export async function runEventSchedule(seed: number): Promise<Outcome> {
  const world = new EventWorld(new Choices(seed));
  const life: Life = { world, links: [], endings: [], notes: new Set() };
  world.meanwhile = async () => {
    if (world.choices.chance(0.3)) await move(life);
  };
  world.note(`schedule ${seed}`);
  const moves = 40 + world.choices.below(60);
  for (let done = 0; done < moves; done += 1) await (world.choices.chance(0.5) ? poll(life) : move(life));
  await finishWithoutFaults(life);
  judge(life);
  const again = `TVM_MODEL_SEED=${seed} TVM_MODEL_SCHEDULES=1`;
  return {
    name: `schedule ${seed}`,
    again,
    violation: world.violation,
    trace: world.trace,
    tally: world.tally,
  };
}

async function move(life: Life): Promise<void> {
  const { world } = life;
  await world.choices.weighted<() => void | Promise<void>>([
    [4, () => issue(life)],
    [4, () => beginEnding(life)],
    [4, () => finishEnding(life)],
    [3, () => note(life)],
    [3, () => removeExpired(life)],
    [4, () => pass(life, world.choices.pick([1, 20, 60, 300, LONGEST_RUN_SECONDS]))],
  ])();
}

async function poll({ world }: Life): Promise<void> {
  const mapping = world.choices.pick(world.mappings);
  await mapping.deliver((records) => world.invoke(records));
}

async function issue({ world, links }: Life): Promise<void> {
  const issuedAt = epochSeconds(world.time.read());
  const name = assetName('report.pdf');
  const record = mintToken({
    // The ID is not random, so that another run of the schedule takes the same steps.
    tokenId: `a${String(links.length).padStart(31, '0')}` as TokenId,
    asset: { name, key: 'gated/report.pdf', versionId: 'v', fileName: 'f', type: 'text/plain', size: 1 },
    issuedBy: 'public',
    issuedAt,
    expiresAt: secondsAfter(issuedAt, world.choices.pick([60, 300, 3600])),
    open: 'confirm',
    delivery: 'redirect',
  });
  links.push(record);
  await world.store.put(record);
  world.note(`link ${links.length} is issued`);
}

/**
 * Begins to end a token. A redemption can read the record only until the token expires. A revocation can still read it
 * for `LONGEST_RUN_SECONDS` after that (revoke-token.ts).
 */
function beginEnding({ world, links, endings }: Life): void {
  const now = epochSeconds(world.time.read());
  const kind = world.choices.pick(['redeemed', 'revoked'] as const);
  const grace = kind === 'redeemed' ? 0 : LONGEST_RUN_SECONDS;
  const readable = links.filter(
    ({ tokenId, expiresAt }) =>
      world.tables.rows('tokens').has(tokenId) && now < secondsAfter(expiresAt, grace),
  );
  const record = readable[world.choices.below(readable.length + 1)];
  if (record !== undefined) endings.push({ record, kind, readAt: now });
}

/** Ends a token, unless the function that began to end it has timed out since reading the record. */
async function finishEnding({ world, endings }: Life): Promise<void> {
  const [ending] = endings.splice(world.choices.below(endings.length + 1), 1);
  if (ending === undefined) return;
  const at = world.time.read();
  if (epochSeconds(at) >= ending.readAt + LONGEST_RUN_SECONDS) return;
  const ledger = { append: async () => 'appended' as const };
  const deps = { store: world.store, ledger, report: world.telemetry.report, receiptRetentionDays: 400 };
  const shared = { at, redemptionId: newRedemptionId() };
  const standing = await endToken(
    deps,
    ending.record,
    ending.kind === 'redeemed'
      ? { ...shared, kind: 'redeemed', sourceAddress: '203.0.113.7', userAgent: 'x' }
      : { ...shared, kind: 'revoked', revokedBy: 'public' },
  );
  world.note(`${ending.record.tokenId} is ${standing.kind}`);
}

function note({ world, links, notes }: Life): void {
  const link = links[world.choices.below(links.length + 1)];
  if (link === undefined) return;
  const event = world.choices.pick(['mailed', 'reported']);
  const timeEvent = `${world.time.read().toISOString()}#${event}`;
  const key = `link.${event} ${link.tokenId} ${timeEvent}`;
  // The ledger never replaces an entry.
  if (notes.has(key)) return;
  notes.add(key);
  const after = { tokenId: link.tokenId, asset: link.asset.name, event, timeEvent };
  world.written({ table: 'ledger', before: undefined, after });
}

/** Removes some expired records, because DynamoDB can remove a record immediately or days later. */
function removeExpired({ world }: Life): void {
  const rows = world.tables.rows('tokens');
  for (const [tokenId, before] of [...rows]) {
    const isOver = epochSeconds(world.time.read()) >= (before.expiresAt as number);
    if (!isOver || (!world.isCalm && world.choices.chance(0.5))) continue;
    rows.delete(tokenId);
    world.written({ table: 'tokens', before, after: undefined }, TTL);
    world.note(`${tokenId} is removed`);
  }
}

function pass({ world }: Life, seconds: number): void {
  world.time.advance(seconds);
}

async function finishWithoutFaults(life: Life): Promise<void> {
  const { world } = life;
  world.note('nothing more goes wrong');
  world.isCalm = true;
  while (life.endings.length > 0) await finishEnding(life);
  pass(life, 3600);
  removeExpired(life);
  pass(life, 3600);
  for (let rounds = 0; rounds < 1000 && world.mappings.some(({ isEmpty }) => !isEmpty); rounds += 1) {
    for (const mapping of world.mappings) await mapping.deliver((records) => world.invoke(records));
  }
}

/** Checks that every fact was published as one event, with or without repetitions, and that nothing else was published. */
function judge({ world, links, notes }: Life): void {
  const facts = [...notes].map((key) => key.split(' ', 2).join(' '));
  for (const { tokenId } of links) {
    const ending = world.tables.rows('receipts').get(tokenId)?.kind ?? 'expired';
    facts.push(`link.issued ${tokenId}`, `link.${ending} ${tokenId}`);
    world.count(`at the end ${ending}`);
  }
  const told = Map.groupBy(
    world.published,
    (event) => `${event.type} ${'tokenId' in event && event.tokenId}`,
  );
  for (const [fact, { length }] of Map.groupBy(facts, (each) => each)) {
    const ids = new Set(told.get(fact)?.map(({ id }) => id));
    if (ids.size < length) world.violate('no event is lost', fact);
    if (ids.size > length) world.violate('a repeated event is identical', fact);
  }
  for (const event of told.keys())
    if (!facts.includes(event)) world.violate('events report only facts', event);
  for (const [id, copies] of Map.groupBy(world.published, (event) => event.id)) {
    if (new Set(copies.map((event) => JSON.stringify(event))).size > 1)
      world.violate('a repeated event is identical', id);
    if (copies.length > 1) world.count('published more than once');
  }
}
