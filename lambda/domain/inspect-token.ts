import type { Refusal, RefusalOf } from './errors.ts';
import { type EpochSeconds, epochSeconds } from './ids.ts';
import type { Clock, SigningKeys, TokenLookup, TokenStore } from './ports.ts';
import { isGenuine } from './record-seal.ts';
import type { TokenRecord } from './records.ts';
import type { IsAllowedFrom } from './redemption.ts';
import { fail, ok, type Result } from './result.ts';
import { type AuthenticToken, authenticateToken, type TokenKind } from './token.ts';
import { isExpired, recordUnlessEnded, renewalFor } from './token-state.ts';

export interface InspectDependencies {
  readonly clock: Clock;
  readonly keys: SigningKeys;
  readonly store: Pick<TokenStore, 'find'>;
}

/** Token with a valid signature, and its record and receipt, both read at the same moment. */
export interface TokenReading extends AuthenticToken {
  readonly found: TokenLookup;
  readonly now: EpochSeconds;
}

/** Verifies a token's signature, and reads its record and receipt. Changes nothing. */
export async function readToken(
  deps: InspectDependencies,
  text: string,
  kind?: TokenKind,
): Promise<Result<TokenReading, RefusalOf<'invalid_token'>>> {
  const now = epochSeconds(deps.clock());
  const authentic = await authenticateToken(deps, text, kind);
  if (!authentic.ok) return authentic;
  const { claims } = authentic.value;
  return ok({ ...authentic.value, now, found: await deps.store.find(claims.tokenId) });
}

/** Returns the record if the token can be redeemed now, or else the refusal that a redemption would get. */
export function judgeReading({ claims, found, now }: TokenReading): Result<TokenRecord, Refusal> {
  // A receipt takes precedence over expiry: a person who opens a link late must learn that it was redeemed or revoked.
  if (found.receipt === undefined && isExpired(claims.expiresAt, now)) {
    return fail({ code: 'token_expired', at: claims.expiresAt, renewal: renewalFor(claims.tokenId) });
  }
  return recordUnlessEnded(claims, found);
}

/** Returns a token's record if the token can be redeemed now from this address. Nothing is spent or counted. */
export async function inspectToken(
  deps: InspectDependencies & { readonly isAllowedFrom: IsAllowedFrom },
  text: string,
  sourceAddress: string,
): Promise<Result<TokenRecord, Refusal>> {
  const reading = await readToken(deps, text);
  if (!reading.ok) return reading;
  const verdict = judgeReading(reading.value);
  if (!verdict.ok) return verdict;
  const record = verdict.value;
  if (!isGenuine(record, reading.value.key)) return fail({ code: 'token_unknown' });
  const { allowedCidrs } = record;
  // Anyone outside the link's networks learns nothing about a link that is still live.
  return allowedCidrs === undefined || deps.isAllowedFrom(allowedCidrs, sourceAddress)
    ? verdict
    : fail({ code: 'not_allowed_from_here' });
}
