import type { Refusal, Renewal } from './errors.ts';
import { channelOf, type EpochSeconds, type TokenId } from './ids.ts';
import type { TokenLookup } from './ports.ts';
import type { Issuer, Receipt, Revoker, TokenRecord, TokenState } from './records.ts';
import { fail, ok, type Result } from './result.ts';
import type { TokenClaims } from './token.ts';

/** Returns whether a token has expired. `expiresAt` is the first second in which it is expired. */
export function isExpired(expiresAt: EpochSeconds, now: EpochSeconds): boolean {
  return now >= expiresAt;
}

/**
 * Returns the current state of a token. A receipt takes precedence over a record, which may have been restored from a
 * backup. If TTL removed the record and there is no receipt, the token has expired.
 */
export function tokenState({ record, receipt }: TokenLookup, now: EpochSeconds): TokenState {
  if (receipt !== undefined) return receipt.kind;
  return record !== undefined && !isExpired(record.expiresAt, now) ? 'live' : 'expired';
}

/** Returns whether a new form link can replace this link. An API link can be replaced only by its caller. */
export function renewalFor(tokenId: TokenId): Renewal {
  return channelOf(tokenId) === 'form' ? 'offered' : 'none';
}

/** Reason why a link was revoked: at somebody's request, or automatically. */
export type RevocationReason = 'requested' | Exclude<Revoker, Issuer>;

/** Returns the reason why a link was revoked, but not who requested it. */
export function revocationReason(revokedBy: Revoker): RevocationReason {
  return revokedBy === 'hard-bounce' || revokedBy === 'wrong-codes' ? revokedBy : 'requested';
}

/** Returns the refusal that says how and when a token ended. lambda/http/problem.ts maps refusals to HTTP statuses. */
export function refusalFor(receipt: Receipt): Refusal {
  switch (receipt.kind) {
    case 'redeemed':
      return { code: 'token_redeemed', at: receipt.at, renewal: renewalFor(receipt.tokenId) };
    case 'revoked':
      return {
        code: 'token_revoked',
        at: receipt.at,
        ...(receipt.revokedBy === 'wrong-codes' && { reason: receipt.revokedBy }),
      };
  }
}

/** Returns the record if the token has not ended: step 2 of the redemption (docs/protocol.md). */
export function recordUnlessEnded(
  claims: TokenClaims,
  { record, receipt }: TokenLookup,
): Result<TokenRecord, Refusal> {
  if (receipt !== undefined) return fail(refusalFor(receipt));
  if (record === undefined || !isTokenOf(claims, record)) return fail({ code: 'token_unknown' });
  return ok(record);
}

/**
 * Returns whether the token matches its record. Each record has exactly one token, so a token with a different expiry
 * opens nothing, even if it is correctly signed.
 */
export function isTokenOf({ keyEpoch, expiresAt }: TokenClaims, record: TokenRecord): boolean {
  return keyEpoch === record.keyEpoch && expiresAt === record.expiresAt;
}
