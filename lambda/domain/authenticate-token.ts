import type { RefusalOf } from './errors.ts';
import type { EpochSeconds } from './ids.ts';
import { isAcceptedKeyEpoch } from './key-epoch.ts';
import type { SigningKeys } from './ports.ts';
import { fail, ok, type Result } from './result.ts';
import { isSignedBy, parseToken, type TokenClaims } from './token.ts';

/** Represents a token with a valid signature. */
export interface AuthenticToken {
  readonly claims: TokenClaims;
  /** The key of the token's month, which also seals its record. */
  readonly key: Uint8Array;
}

/**
 * Verifies a token's signature without reading a table. Says nothing about expiry or use.
 *
 * @throws Unavailable if the key cannot be derived now
 */
export async function authenticateToken(
  text: string,
  keys: SigningKeys,
  now: EpochSeconds,
): Promise<Result<AuthenticToken, RefusalOf<'invalid_token'>>> {
  const token = parseToken(text);
  if (token === undefined || !isAcceptedKeyEpoch(token.claims.keyEpoch, now)) {
    return fail({ code: 'invalid_token' });
  }
  const key = await keys.keyFor(token.claims.keyEpoch);
  return isSignedBy(token, key) ? ok({ claims: token.claims, key }) : fail({ code: 'invalid_token' });
}
