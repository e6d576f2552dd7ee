import { Unavailable } from './errors.ts';
import { type EpochSeconds, epochSeconds, type RedemptionId, type TokenId } from './ids.ts';
import type { Ledger, Report, TokenStore } from './ports.ts';
import type { LedgerEntry, LedgerEvent, Receipt, Revoker, TokenRecord } from './records.ts';
import { removalTime } from './retention.ts';

export interface EndDependencies {
  readonly store: Pick<TokenStore, 'settle' | 'retire'>;
  readonly ledger: Ledger;
  readonly report: Report;
  /** Minimum retention of a receipt, in days. */
  readonly receiptRetentionDays: number;
}

/** The part of a receipt that the caller of {@link endToken} supplies. */
export type Ending = { readonly at: Date; readonly redemptionId: RedemptionId } & (
  | ({ readonly kind: 'redeemed' } & Pick<
      Extract<Receipt, { readonly kind: 'redeemed' }>,
      'sourceAddress' | 'userAgent' | 'originalSha256' | 'stampedSha256'
    >)
  | { readonly kind: 'revoked'; readonly revokedBy: Revoker }
);

/**
 * Ends a token by redemption or revocation: puts the receipt (step 6 of docs/protocol.md), then retires the record and
 * writes the ledger entry (steps 7 and 8). The receipt decides, and the last two steps cannot change the outcome. Does
 * not check the expiry.
 *
 * @returns the receipt that won; it is this attempt's receipt only if its `redemptionId` is the one in `ending`
 * @throws Unavailable if it is unknown whether the receipt was written; nobody gets the file then
 */
export async function endToken(deps: EndDependencies, record: TokenRecord, ending: Ending): Promise<Receipt> {
  const at = epochSeconds(ending.at);
  const standing = await settle(deps.store, {
    ...ending,
    at,
    tokenId: record.tokenId,
    asset: record.asset.name,
    issuedBy: record.issuedBy,
    ...(record.callerId && { callerId: record.callerId }),
    removeAt: removalTime(record.expiresAt, at, deps.receiptRetentionDays),
  });
  if (standing.redemptionId !== ending.redemptionId) return standing;

  const { tokenId, asset, recipient } = record;
  const event: LedgerEvent = { event: ending.kind, redemptionId: ending.redemptionId };
  await Promise.all([
    retireOrReport(deps, tokenId),
    appendOrReport(deps, {
      ...event,
      tokenId,
      at: ending.at,
      asset: asset.name,
      ...(recipient && { pseudonym: recipient.pseudonym }),
    }),
  ]);
  return standing;
}

/**
 * Puts the receipt, and retries once if the store is unavailable, because the response may have been lost. Retrying is
 * safe because the put accepts an existing receipt from the same attempt.
 */
async function settle(store: Pick<TokenStore, 'settle'>, receipt: Receipt): Promise<Receipt> {
  try {
    return await store.settle(receipt);
  } catch (cause) {
    if (!(cause instanceof Unavailable)) throw cause;
    return await store.settle(receipt);
  }
}

/**
 * Deletes the record. A failure is reported and does not change the outcome: a record that is left behind opens
 * nothing, because its receipt takes precedence.
 */
async function retireOrReport({ store, report }: EndDependencies, tokenId: TokenId): Promise<void> {
  try {
    await store.retire(tokenId);
  } catch (cause) {
    report({ incident: 'retire-failed', tokenId }, cause);
  }
}

/**
 * Appends a ledger entry. A failed write is reported and does not change the outcome.
 *
 * @param expiresAt as for {@link Ledger.append}
 */
export async function appendOrReport(
  { ledger, report }: { readonly ledger: Ledger; readonly report: Report },
  entry: LedgerEntry,
  expiresAt?: EpochSeconds,
): Promise<void> {
  try {
    await ledger.append(entry, expiresAt);
  } catch (cause) {
    report({ incident: 'ledger-write-failed', tokenId: entry.tokenId }, cause);
  }
}
