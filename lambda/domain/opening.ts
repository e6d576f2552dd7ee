import type { Delivery, TokenRecord } from './records.ts';
import type { IsAllowedFrom, NotRedeemed, RedeemRequest } from './redemption.ts';

/**
 * Returns the reason why a link must not be opened from this network or in this way: step 3 of a redemption
 * (docs/protocol.md), apart from the presence code.
 *
 * @param deliveries the deliveries that the endpoint supports
 * @returns `undefined` if the link may be opened
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
