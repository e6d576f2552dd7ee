import { epochSeconds, type TokenId, type TokenStore, tokenState } from '../../lambda/operator.ts';
import { historyOf } from '../tables/rows.ts';
import type { Tables } from '../tables/tables.ts';
import { CommandFailure } from '../tvm/command-failure.ts';
import type { Counts } from './counts.ts';
import { redact } from './redact.ts';

export interface ForgetDependencies {
  readonly tables: Tables;
  readonly store: Pick<TokenStore, 'find' | 'retire'>;
  /** Revokes a link. Does nothing if it has already ended. */
  readonly revoke: (tokenId: TokenId) => Promise<unknown>;
  readonly clock: () => Date;
  readonly counts: Counts;
}

/** The attributes of receipts and ledger entries that can name or describe a person. */
const PERSONAL = [
  'address',
  'pseudonym',
  'recipient',
  'note',
  'watermarkName',
  'notify',
  'language',
  'sourceAddress',
  'userAgent',
];

/**
 * Erases a person from a link that was issued to them. Revokes the link if it is live, deletes its record, and redacts
 * its receipt and then its ledger entries. Redacts the ledger last, because the next run needs it to find links whose
 * erasure was interrupted. Receipts do not say whose link it was.
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

/** Stops a link to somebody else from notifying a person. The link itself stays. */
export async function forgetNotice(deps: ForgetDependencies, tokenId: TokenId): Promise<void> {
  const { tables, counts } = deps;
  await redactHistory(deps, tokenId, ['notify']);
  counts.notices += 1;
  tables.signal.throwIfAborted();
}

/**
 * Revokes a link if it is live.
 *
 * @throws CommandFailure if the link remains live: its record must not be deleted before its ending is recorded
 */
async function endIfLive(
  { store, revoke, clock, counts }: ForgetDependencies,
  tokenId: TokenId,
): Promise<void> {
  if (tokenState(await store.find(tokenId), epochSeconds(clock())) !== 'live') return;
  await revoke(tokenId);
  const state = tokenState(await store.find(tokenId), epochSeconds(clock()));
  if (state === 'live') {
    throw new CommandFailure('no', `The link ${tokenId} could not be revoked.`, 'Run the command again.');
  }
  if (state === 'revoked') counts.revoked += 1;
}

async function redactHistory(
  { tables, counts }: ForgetDependencies,
  tokenId: TokenId,
  attributes: readonly string[],
): Promise<void> {
  for (const { timeEvent } of await historyOf(tables, tokenId)) {
    const entry = { table: tables.ledgerTable, key: { tokenId, timeEvent } };
    if ((await redact(tables, entry, attributes)) === 'redacted') counts.ledgerEntries += 1;
  }
}
