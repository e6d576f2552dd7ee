import type { EpochSeconds } from '../../lambda/domain/ids.ts';
import type { Row } from '../support/dynamo/expression-reader.ts';
import { MemoryTables } from '../support/dynamo/memory-tables.ts';
import { FixedSigningKeys } from '../support/fixed-signing-keys.ts';
import { KeyedPseudonyms } from '../support/keyed-pseudonyms.ts';
import { MemoryFileStore } from '../support/memory-file-store.ts';
import { MemoryLedger } from '../support/memory-ledger.ts';
import { MemoryMailer } from '../support/memory-mailer.ts';
import { tokensIn } from '../support/memory-world.ts';
import type { Actor, Operation } from './actor.ts';
import type { Choices } from './choices.ts';
import type { NamedRequest } from './issuing.ts';
import type { Profile } from './profiles.ts';
import { type Entry, Referee } from './referee.ts';
import { SimulatedMailQueue } from './simulated-queue.ts';
import { INSIDE } from './sources.ts';
import { Stage } from './stage.ts';
import type { Violation } from './violation.ts';

/** A copy of the token table. */
export interface Backup {
  readonly at: EpochSeconds;
  readonly rows: ReadonlyMap<string, Row>;
}

/** A function's caller: its source and, if it sends them, an idempotency key, a presence code, and a secret. */
export interface Caller {
  readonly source?: string | undefined;
  readonly requestName?: string | undefined;
  readonly secret?: string | undefined;
  readonly code?: string | undefined;
}

/** The name of the one offered file. */
export const FILE = 'report.pdf';

/** An in-memory deployment and everything that happens to it in one schedule. */
export class World extends Stage<Actor> {
  readonly referee: Referee;
  readonly tables = new MemoryTables({
    tokens: 'tokenId',
    receipts: 'tokenId',
    plans: 'requestName',
    chances: 'counter',
  });
  readonly keys = new FixedSigningKeys();
  readonly files = new MemoryFileStore();
  readonly ledger = new MemoryLedger();
  readonly mailer = new MemoryMailer();
  readonly pseudonyms = new KeyedPseudonyms();
  readonly queue = new SimulatedMailQueue();
  readonly backups: Backup[] = [];
  /** The tokens that the API returned to callers. */
  readonly handedOut = new Set<string>();
  /** The requests with an idempotency key. */
  readonly named: NamedRequest[] = [];
  secondChances: 'on' | 'off' = 'off';
  /** Names for the random IDs that functions generated. The names are the same in every run. */
  readonly aliases = new Map<string, string>();

  constructor(choices: Choices, profile: Profile, beginning: Date) {
    super(choices, profile, beginning);
    this.referee = new Referee(this.keys);
    this.files.offer(FILE);
  }

  get violation(): Violation | undefined {
    return this.referee.violation;
  }

  /** The tokens that somebody holds, because the machine mailed or returned them. */
  get held(): readonly Entry[] {
    const mailed = new Set([...this.mailer.sent.flatMap(tokensIn), ...this.handedOut]);
    return this.referee.entries.filter(({ token }) => mailed.has(token));
  }

  begin(
    operation: Operation,
    about: string,
    { source = INSIDE, requestName, secret, code }: Caller = {},
  ): Actor {
    return this.enter(operation, about, (invoked) => ({
      ...invoked,
      operation,
      source,
      requestName,
      secret,
      code,
      counted: false,
      urls: [],
      files: [],
      noticesAskedFor: 0,
    }));
  }

  /** Names a random ID after the function that generated it. */
  alias(actor: Actor, id: unknown): void {
    if (typeof id !== 'string' || this.aliases.has(id)) return;
    const earlier = [...this.aliases.values()].filter((alias) => alias.startsWith(`${actor.name}/`));
    this.aliases.set(id, `${actor.name}/${earlier.length}`);
  }
}
