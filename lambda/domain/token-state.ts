import type { Refusal, Renewal } from './errors.ts';
import type { EpochSeconds } from './ids.ts';
import type { TokenLookup } from './ports.ts';
import type { Issuer, Receipt, TokenRecord, TokenState } from './records.ts';
import { fail, ok, type Result } from './result.ts';
import type { TokenClaims } from './token.ts';

/** Whether a token with this expiry is over: `expiresAt` is the first second in which it is. */
export function isExpired(expiresAt: EpochSeconds, now: EpochSeconds): boolean {
  return now >= expiresAt;
}

/**
 * What a token is now. A receipt wins over a record, whatever a backup brought back; a record that was reaped
 * by TTL and left no receipt has expired.
 */
export function tokenState({ record, receipt }: TokenLookup, now: EpochSeconds): TokenState {
  if (receipt !== undefined) return receipt.kind;
  return record !== undefined && !isExpired(record.expiresAt, now) ? 'live' : 'expired';
}

/** Only the public form can issue again by itself: a link from a signed caller is that caller's to renew. */
export function renewalFor(issuedBy: Issuer | undefined): Renewal {
  return issuedBy === 'public' ? 'offered' : 'none';
}

/** The answer that a receipt gives to everyone who comes after it. */
export function refusalFor(receipt: Receipt): Refusal {
  switch (receipt.kind) {
    case 'redeemed':
      return { code: 'token_redeemed', at: receipt.at, renewal: renewalFor(receipt.issuedBy) };
    case 'revoked':
      return { code: 'token_revoked', at: receipt.at };
  }
}

/** The record, if the token has not ended: step 2 of the redemption (docs/protocol.md). */
export function liveRecord(
  claims: TokenClaims,
  { record, receipt }: TokenLookup,
): Result<TokenRecord, Refusal> {
  if (receipt !== undefined) return fail(refusalFor(receipt));
  if (record === undefined || !isTokenOf(claims, record)) return fail({ code: 'token_unknown' });
  return ok(record);
}

/** A record has one token. Who could sign another expiry for it than it was issued with still opens nothing. */
function isTokenOf({ keyEpoch, expiresAt }: TokenClaims, record: TokenRecord): boolean {
  return keyEpoch === record.keyEpoch && expiresAt === record.expiresAt;
}
