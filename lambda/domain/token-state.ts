import type { Refusal, Renewal } from './errors.ts';
import type { EpochSeconds } from './ids.ts';
import type { TokenLookup } from './ports.ts';
import type { Issuer, Receipt, Revoker, TokenRecord, TokenState } from './records.ts';
import { fail, ok, type Result } from './result.ts';
import type { TokenClaims } from './token.ts';

/** Returns whether a token has expired. `expiresAt` is the first second in which it has. */
export function isExpired(expiresAt: EpochSeconds, now: EpochSeconds): boolean {
  return now >= expiresAt;
}

/**
 * Returns the state of a token now. A receipt wins over a record, whatever a backup restored. A record that TTL removed
 * without a receipt has expired.
 */
export function tokenState({ record, receipt }: TokenLookup, now: EpochSeconds): TokenState {
  if (receipt !== undefined) return receipt.kind;
  return record !== undefined && !isExpired(record.expiresAt, now) ? 'live' : 'expired';
}

/**
 * Tells whether the public form can issue the link again by itself. A link from a signed caller is that caller's to
 * renew.
 */
export function renewalFor(issuedBy: Issuer | undefined): Renewal {
  return issuedBy === 'public' ? 'offered' : 'none';
}

/** Tells why a link was revoked: because somebody asked for it, or by itself. */
export type RevocationReason = 'requested' | Exclude<Revoker, Issuer>;

/** Returns why a link was revoked, without saying who asked for it. */
export function revocationReason(revokedBy: Revoker): RevocationReason {
  return revokedBy === 'hard-bounce' || revokedBy === 'wrong-codes' ? revokedBy : 'requested';
}

/**
 * Returns the answer of a receipt to everyone who comes after it: the 403 with the time of the first redemption.
 * lambda/http/problem.ts gives it its status.
 */
export function refusalFor(receipt: Receipt): Refusal {
  switch (receipt.kind) {
    case 'redeemed':
      return { code: 'token_redeemed', at: receipt.at, renewal: renewalFor(receipt.issuedBy) };
    case 'revoked':
      return {
        code: 'token_revoked',
        at: receipt.at,
        ...(receipt.revokedBy === 'wrong-codes' && { reason: receipt.revokedBy }),
      };
  }
}

/** Returns the record if the token has not ended: step 2 of the redemption (docs/protocol.md). */
export function liveRecord(
  claims: TokenClaims,
  { record, receipt }: TokenLookup,
): Result<TokenRecord, Refusal> {
  if (receipt !== undefined) return fail(refusalFor(receipt));
  if (record === undefined || !isTokenOf(claims, record)) return fail({ code: 'token_unknown' });
  return ok(record);
}

/**
 * Tells whether the token matches its record. A record has one token. Anyone who could sign another expiry for it still
 * opens nothing.
 */
export function isTokenOf({ keyEpoch, expiresAt }: TokenClaims, record: TokenRecord): boolean {
  return keyEpoch === record.keyEpoch && expiresAt === record.expiresAt;
}
