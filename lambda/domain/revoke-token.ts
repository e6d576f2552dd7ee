import { type EndDependencies, endToken } from './ending.ts';
import type { Refusal } from './errors.ts';
import { epochSeconds, newRedemptionId, secondsAfter, type TokenId } from './ids.ts';
import { isWithin, type Reach } from './issuer.ts';
import { LONGEST_RUN_SECONDS } from './lifetime.ts';
import { mapInBatches } from './map-in-batches.ts';
import type { Clock, TokenLookup, TokenStore } from './ports.ts';
import type { Receipt, Revoker, TokenRecord } from './records.ts';
import { fail, ok, type Result } from './result.ts';
import { isExpired, refusalFor } from './token-state.ts';

export interface RevokeDependencies extends EndDependencies {
  readonly clock: Clock;
  readonly store: Pick<TokenStore, 'find' | 'settle' | 'retire'>;
}

/** Who revokes a link, and whose links they are allowed to revoke. */
export interface Revocation {
  readonly by: Revoker;
  readonly reach: Reach;
}

/**
 * Revokes a token. For a collection, this also revokes the links to its live files. The file links are revoked first,
 * so that an interrupted revocation can be repeated. Redeemed files stay redeemed.
 *
 * @returns `not_found` if the token does not exist or the caller is not allowed to access it
 */
export async function revokeToken(
  deps: RevokeDependencies,
  tokenId: TokenId,
  revocation: Revocation,
): Promise<Result<void, Refusal>> {
  const found = await deps.store.find(tokenId);
  const { record, receipt } = found;
  if (record?.files && receipt === undefined && isWithin(revocation.reach, record)) {
    await mapInBatches(record.files, async (file) =>
      revokeFound(deps, await deps.store.find(file.tokenId), revocation),
    );
  }
  return await revokeFound(deps, found, revocation);
}

/**
 * Revokes one token. Idempotent: a revoked or long expired token counts as revoked. The receipt is written under the
 * same condition as in a redemption, so redeeming and revoking never both succeed, even at the moment of expiry.
 */
async function revokeFound(
  deps: RevokeDependencies,
  { record, receipt }: TokenLookup,
  { by, reach }: Revocation,
): Promise<Result<void, Refusal>> {
  const known = receipt ?? record;
  if (known === undefined || !isWithin(reach, known)) return fail({ code: 'not_found' });
  if (receipt !== undefined) return outcome(receipt);
  const at = deps.clock();
  if (record === undefined || isLongExpired(record, at)) return ok(undefined);
  const redemptionId = newRedemptionId();
  return outcome(await endToken(deps, record, { kind: 'revoked', at, redemptionId, revokedBy: by }));
}

/**
 * Returns whether every redemption that began before the expiry must have ended. Until then, only a receipt can decide.
 */
function isLongExpired({ expiresAt }: TokenRecord, at: Date): boolean {
  return isExpired(secondsAfter(expiresAt, LONGEST_RUN_SECONDS), epochSeconds(at));
}

function outcome(receipt: Receipt): Result<void, Refusal> {
  return receipt.kind === 'revoked' ? ok(undefined) : fail(refusalFor(receipt));
}
