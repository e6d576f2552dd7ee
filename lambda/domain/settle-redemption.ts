import type { AdmitDependencies, RedeemRequest } from './admit-redemption.ts';
import { type EndDependencies, endToken } from './end-token.ts';
import type { Refusal } from './errors.ts';
import { epochSeconds, newRedemptionId, type RedemptionId } from './ids.ts';
import type { Clock, MailQueue } from './ports.ts';
import type { TokenRecord } from './records.ts';
import { fail, ok, type Result } from './result.ts';
import { isExpired, refusalFor, renewalFor } from './token-state.ts';

interface SettleDependencies extends EndDependencies {
  readonly clock: Clock;
  readonly queue: Pick<MailQueue, 'sendNotice'>;
}

/** Lists what a redemption needs throughout, except the files. */
export interface RedemptionDependencies
  extends Omit<AdmitDependencies, 'store'>,
    Omit<SettleDependencies, 'store'> {
  readonly store: AdmitDependencies['store'] & SettleDependencies['store'];
}

/** Represents a token that this attempt has redeemed. No other attempt will. */
export interface Settlement {
  readonly redemptionId: RedemptionId;
  readonly at: Date;
}

/**
 * Runs steps 6 to 8 of a redemption (docs/protocol.md): checks the time again, then the receipt decides. What comes
 * after it, including the notice to the issuer, cannot change the outcome.
 *
 * @throws Unavailable if it is unknown whether the receipt was put; nobody gets the file then
 */
export async function settleRedemption(
  deps: SettleDependencies,
  record: TokenRecord,
  { sourceAddress, userAgent }: Pick<RedeemRequest, 'sourceAddress' | 'userAgent'>,
): Promise<Result<Settlement, Refusal>> {
  const { expiresAt, issuedBy, wantsNotice } = record;
  const at = deps.clock();
  if (isExpired(expiresAt, epochSeconds(at))) {
    return fail({ code: 'token_expired', at: expiresAt, renewal: renewalFor(issuedBy) });
  }
  const redemptionId = newRedemptionId();
  const standing = await endToken(deps, record, {
    kind: 'redeemed',
    at,
    redemptionId,
    sourceAddress,
    userAgent,
  });
  if (standing.redemptionId !== redemptionId) return fail(refusalFor(standing));
  if (wantsNotice) await sendNoticeOrReport(deps, record);
  return ok({ redemptionId, at });
}

async function sendNoticeOrReport(
  { queue, report }: SettleDependencies,
  { tokenId }: TokenRecord,
): Promise<void> {
  try {
    await queue.sendNotice(tokenId);
  } catch (cause) {
    report({ incident: 'notice-failed', tokenId }, cause);
  }
}
