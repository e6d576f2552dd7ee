import type { Delivery, TokenRecord } from './records.ts';
import type { IsAllowedFrom, NotRedeemed, RedeemRequest } from './redemption.ts';

/**
 * Tells why the link may not be opened from there or in this way: step 3 of the redemption (docs/protocol.md).
 *
 * @param deliveries what the caller can deliver
 * @returns `undefined` if it may
 */
export function whyNotOpened(
  isAllowedFrom: IsAllowedFrom,
  { allowedCidrs, open, delivery }: TokenRecord,
  { opening, sourceAddress }: Pick<RedeemRequest, 'opening' | 'sourceAddress'>,
  deliveries: readonly Delivery[],
): NotRedeemed | undefined {
  if (allowedCidrs !== undefined && !isAllowedFrom(allowedCidrs, sourceAddress)) {
    return { code: 'not_allowed_from_here' };
  }
  if (opening === 'direct' && open === 'confirm') return { code: 'confirm_first' };
  if (!deliveries.includes(delivery)) return { code: 'wrong_delivery', delivery };
  return undefined;
}
