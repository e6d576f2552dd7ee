import { type EpochSeconds, type TokenId, type TokenStore, tokenState } from '../../lambda/operator.ts';
import { historyOf } from '../tables/rows.ts';
import type { Tables } from '../tables/tables.ts';
import { CommandFailure } from '../tvm/command-failure.ts';
import type { Counts } from './counts.ts';
import { redact } from './redact.ts';

export interface ForgetDependencies {
  readonly tables: Tables;
  readonly store: Pick<TokenStore, 'find' | 'retire'>;
  /** Revokes a live link; one that has ended or expired meanwhile is no error. */
  readonly revoke: (tokenId: TokenId) => Promise<void>;
  /** Seconds since 1970. */
  readonly now: () => EpochSeconds;
  readonly counts: Counts;
}

/** Whatever a receipt or a line of the ledger may say of people: to whom, from where, and who is told. */
const PERSONAL = [
  'address',
  'pseudonym',
  'recipient',
  'note',
  'notify',
  'language',
  'sourceAddress',
  'userAgent',
];

/**
 * Takes a person out of a link that was theirs. It is revoked first if it is live; then its record goes, its receipt
 * becomes an anonymous fact, and so do the lines of its history. These come last: as long as one of them names the
 * person, the next run finds the link and finishes what was interrupted; a receipt names nobody to be found by.
 */
export async function forgetLink(deps: ForgetDependencies, tokenId: TokenId): Promise<void> {
  const { tables, store, counts } = deps;
  await endIfLive(deps, tokenId);
  if ((await store.retire(tokenId)) === 'retired') counts.records += 1;
  const receipt = { table: tables.receiptTable, key: { tokenId } };
  if ((await redact(tables, receipt, PERSONAL)) === 'redacted') counts.receipts += 1;
  await redactHistory(deps, tokenId, PERSONAL);
  counts.links += 1;
  tables.signal.throwIfAborted();
}

/** Takes a person out of a link to somebody else, who keeps it: nobody is told of its redemption any more. */
export async function forgetNotice(deps: ForgetDependencies, tokenId: TokenId): Promise<void> {
  const { tables, counts } = deps;
  // Only the history says who is to be told.
  await redactHistory(deps, tokenId, ['notify']);
  counts.notices += 1;
  tables.signal.throwIfAborted();
}

/** @throws CommandFailure when it stays live: a record that still redeems must not be taken away from its receipt */
async function endIfLive(
  { store, revoke, now, counts }: ForgetDependencies,
  tokenId: TokenId,
): Promise<void> {
  if (tokenState(await store.find(tokenId), now()) !== 'live') return;
  await revoke(tokenId);
  const state = tokenState(await store.find(tokenId), now());
  if (state === 'live') {
    throw new CommandFailure('no', `The link ${tokenId} could not be revoked.`, 'Run it again.');
  }
  if (state === 'revoked') counts.revoked += 1;
}

async function redactHistory(
  { tables, counts }: ForgetDependencies,
  tokenId: TokenId,
  attributes: readonly string[],
): Promise<void> {
  for (const { timeEvent } of await historyOf(tables, tokenId)) {
    const line = { table: tables.ledgerTable, key: { tokenId, timeEvent } };
    if ((await redact(tables, line, attributes)) === 'redacted') counts.ledgerEntries += 1;
  }
}
