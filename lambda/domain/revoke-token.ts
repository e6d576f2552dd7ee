import { type EndDependencies, endToken } from './end-token.ts';
import type { Refusal } from './errors.ts';
import { epochSeconds, newRedemptionId, type TokenId } from './ids.ts';
import type { Clock, TokenStore } from './ports.ts';
import type { Receipt, Revoker } from './records.ts';
import { fail, ok, type Result } from './result.ts';
import { isExpired, refusalFor } from './token-state.ts';

export interface RevokeDependencies extends EndDependencies {
  readonly clock: Clock;
  readonly store: Pick<TokenStore, 'find' | 'settle' | 'retire'>;
}

/**
 * Revokes a token at once. Idempotent: a token that is revoked or expired already is as good as revoked. The same
 * conditional receipt that decides a redemption decides here, so redeeming and revoking cannot both succeed.
 */
export async function revokeToken(
  deps: RevokeDependencies,
  tokenId: TokenId,
  revokedBy: Revoker,
): Promise<Result<void, Refusal>> {
  const { record, receipt } = await deps.store.find(tokenId);
  if (receipt !== undefined) return outcome(receipt);
  if (record === undefined) return fail({ code: 'not_found' });
  const now = epochSeconds(deps.clock());
  if (isExpired(record.expiresAt, now)) return ok(undefined);
  const redemptionId = newRedemptionId();
  return outcome(await endToken(deps, record, { kind: 'revoked', at: now, redemptionId, revokedBy }));
}

function outcome(receipt: Receipt): Result<void, Refusal> {
  return receipt.kind === 'revoked' ? ok(undefined) : fail(refusalFor(receipt));
}
