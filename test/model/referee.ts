import { type EpochSeconds, epochSeconds, type TokenId } from '../../lambda/domain/ids.ts';
import { keyEpochOf } from '../../lambda/domain/key-epoch.ts';
import type { Receipt, TokenRecord, TokenState } from '../../lambda/domain/records.ts';
import { signToken } from '../../lambda/domain/token.ts';
import type { FixedSigningKeys } from '../support/fixed-signing-keys.ts';
import type { Actor } from './actor.ts';
import { type Rule, Violation } from './violation.ts';

/** Everything that the referee knows about one token, independently of the code under test. */
export interface Entry {
  /** The token's name in traces, which is the same in every run, unlike the token ID. */
  readonly name: string;
  /** The record as it was first put. */
  readonly record: TokenRecord;
  readonly token: string;
  /** The receipt that was written first, and the attempt that wrote it. Kept even after TTL removes the row. */
  receipt?: Receipt;
  owner?: Actor;
  /** Whether the receipt's row should still exist. */
  receiptKept: boolean;
  /** The attempt that got the file. */
  winner?: Actor;
  /** The second-chance secret and the version of the file that the redeemer got. */
  secret?: string | undefined;
  version?: string | undefined;
  /** The attempts that got the file again, with the redemption IDs in their responses. */
  readonly again: Map<Actor, string>;
  /** Whether the holder reported that somebody else redeemed the link, and was told that the report was recorded. */
  reported: boolean;
  /** The invocations that mailed the token. */
  readonly mailers: Actor[];
  /** Whether the record is missing because a backup was restored, and whether that was ever the case. */
  lost: boolean;
  everLost: boolean;
}

/** A named request's row in the table of plans. */
export interface KnownPlan {
  readonly tokenIds: readonly TokenId[];
  readonly digest: string;
  readonly issuedAt: string;
  readonly removeAt: number;
  readonly carriedOut: boolean;
}

/** Tracks the true state of every token by watching each write to the tables, and records the first broken rule. */
export class Referee {
  readonly #keys: Pick<FixedSigningKeys, 'derive'>;
  readonly #entries = new Map<string, Entry>();
  readonly #plans = new Map<string, KnownPlan[]>();
  violation: Violation | undefined;

  constructor(keys: Pick<FixedSigningKeys, 'derive'>) {
    this.#keys = keys;
  }

  get entries(): readonly Entry[] {
    return [...this.#entries.values()];
  }

  find(tokenId: string): Entry | undefined {
    return this.#entries.get(tokenId);
  }

  /** Returns every plan that was ever written under a name, in order. */
  plansOf(name: string): KnownPlan[] {
    const plans = this.#plans.get(name) ?? [];
    this.#plans.set(name, plans);
    return plans;
  }

  /** Adds an entry for a record that was written for the first time. */
  open(record: TokenRecord): void {
    const keyEpoch = keyEpochOf(record.issuedAt);
    this.#entries.set(record.tokenId, {
      name: `t${this.#entries.size + 1}`,
      record,
      token: signToken({ ...record, keyEpoch }, this.#keys.derive(keyEpoch)),
      receiptKept: false,
      again: new Map(),
      reported: false,
      mailers: [],
      lost: false,
      everLost: false,
    });
  }

  /** Records a violation of a rule. Only the first violation is kept. */
  violate(rule: Rule, detail: string): void {
    this.violation ??= new Violation(rule, detail);
  }

  /** Returns a token's name in traces. */
  nameOf(tokenId: TokenId | string): string {
    return this.find(tokenId)?.name ?? 'an unknown token';
  }
}

/** Returns the true state of a token. A token whose record was lost when a backup was restored can no longer be redeemed. */
export function trueState(entry: Entry, now: EpochSeconds): TokenState {
  if (entry.receipt !== undefined && entry.receiptKept) return entry.receipt.kind;
  return now >= entry.record.expiresAt || entry.lost ? 'expired' : 'live';
}

/** Returns the true state of a token at the time shown by an actor's clock. */
export function stateSeenBy(actor: Actor, entry: Entry): TokenState {
  return trueState(entry, epochSeconds(actor.clock()));
}
