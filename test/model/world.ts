import type { EpochSeconds } from '../../lambda/domain/ids.ts';
import { epochSeconds } from '../../lambda/domain/ids.ts';
import type { Row } from '../support/dynamo/expression-reader.ts';
import { MemoryTables } from '../support/dynamo/memory-tables.ts';
import { FixedSigningKeys } from '../support/fixed-signing-keys.ts';
import { KeyedPseudonyms } from '../support/keyed-pseudonyms.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MemoryFileStore } from '../support/memory-file-store.ts';
import { MemoryLedger } from '../support/memory-ledger.ts';
import { MemoryMailer } from '../support/memory-mailer.ts';
import { MemoryQuota } from '../support/memory-quota.ts';
import { tokensIn } from '../support/memory-world.ts';
import type { Actor, Operation } from './actor.ts';
import type { Choices } from './choices.ts';
import type { NamedRequest } from './issuing.ts';
import type { Profile } from './profiles.ts';
import { type Entry, Referee } from './referee.ts';
import { CLOCK_SKEW_SECONDS } from './rules-of-answers.ts';
import { Scheduler } from './scheduler.ts';
import { SimulatedQueue } from './simulated-queue.ts';
import { INSIDE } from './sources.ts';

/** A copy of the token table. */
export interface Backup {
  readonly at: EpochSeconds;
  readonly rows: ReadonlyMap<string, Row>;
}

/** The caller of a function: its source, and its idempotency key if it has one. */
export interface Caller {
  readonly source?: string | undefined;
  readonly requestName?: string | undefined;
}

/** One line of a trace. */
export interface Happening {
  readonly at: Date;
  readonly what: string;
}

/** The name of the one file on offer. */
export const FILE = 'report.pdf';

/** An in-memory deployment and everything that happens to it in one schedule. */
export class World {
  readonly choices: Choices;
  readonly profile: Profile;
  readonly trace: Happening[] = [];
  readonly tally = new Map<string, number>();
  readonly time: ManualClock;
  readonly scheduler: Scheduler;
  readonly referee: Referee;
  readonly tables = new MemoryTables({ tokens: 'tokenId', receipts: 'tokenId', plans: 'requestName' });
  readonly keys = new FixedSigningKeys();
  readonly files = new MemoryFileStore();
  readonly ledger = new MemoryLedger();
  readonly mailer = new MemoryMailer();
  readonly pseudonyms = new KeyedPseudonyms();
  readonly quota: MemoryQuota;
  readonly queue = new SimulatedQueue();
  readonly backups: Backup[] = [];
  /** The tokens that the API returned to callers. */
  readonly handedOut = new Set<string>();
  /** The requests with an idempotency key. */
  readonly named: NamedRequest[] = [];
  /** The random IDs that functions drew, with names that are the same in every schedule. */
  readonly aliases = new Map<string, string>();
  /** How far the clocks of machines may be off, in seconds. */
  skewSeconds = CLOCK_SKEW_SECONDS;
  readonly #actors: Actor[] = [];
  #started = 0;

  constructor(choices: Choices, profile: Profile, beginning: Date) {
    this.choices = choices;
    this.profile = profile;
    this.time = new ManualClock(beginning);
    this.scheduler = new Scheduler(choices, this);
    this.referee = new Referee(this.keys);
    this.quota = new MemoryQuota(this.time.read);
    this.files.offer(FILE);
  }

  /** The current time, in seconds. */
  get now(): EpochSeconds {
    return epochSeconds(this.time.read());
  }

  /** The tokens that somebody holds, because they were mailed or returned. */
  get held(): readonly Entry[] {
    const mailed = new Set([...this.mailer.sent.flatMap(tokensIn), ...this.handedOut]);
    return this.referee.entries.filter(({ token }) => mailed.has(token));
  }

  /** The functions that have neither answered nor been killed. */
  get running(): readonly Actor[] {
    return this.#actors.filter(({ state }) => state === 'running');
  }

  /** Every invocation so far, in order. */
  get actors(): readonly Actor[] {
    return this.#actors;
  }

  /** Starts an invocation on a machine whose clock may be slightly wrong. */
  begin(operation: Operation, about: string, { source = INSIDE, requestName }: Caller = {}): Actor {
    this.#started += 1;
    const skew = (this.choices.below(2 * this.skewSeconds + 1) - this.skewSeconds) * 1000;
    const actor: Actor = {
      name: `${operation}#${this.#started} ${about}`,
      operation,
      clock: () => new Date(this.time.read().getTime() + skew),
      startedAt: this.time.read(),
      source,
      requestName,
      faults: [],
      heard: [],
      urls: [],
      files: [],
      noticesAskedFor: 0,
      state: 'running',
    };
    this.#actors.push(actor);
    this.count(operation);
    this.note(`${actor.name} begins`);
    return actor;
  }

  /** Names a random ID after the function that drew it. */
  alias(actor: Actor, id: unknown): void {
    if (typeof id !== 'string' || this.aliases.has(id)) return;
    const earlier = [...this.aliases.values()].filter((alias) => alias.startsWith(`${actor.name}/`));
    this.aliases.set(id, `${actor.name}/${earlier.length}`);
  }

  /** Adds a line to the trace. */
  note(line: string): void {
    this.trace.push({ at: this.time.read(), what: line });
  }

  /** Counts an outcome that schedules should reach. */
  count(what: string): void {
    this.tally.set(what, (this.tally.get(what) ?? 0) + 1);
  }
}
