import type { Delivery, TokenRecord } from './records.ts';
import type { IsAllowedFrom, NotRedeemed, RedeemRequest } from './redemption.ts';

/**
 * Returns the reason why the link must not be opened from the request's network, in the requested way, or by this
 * endpoint: step 3 of a redemption (docs/protocol.md), without the presence code.
 *
 * @param deliveries the deliveries that the endpoint supports
 * @returns `undefined` if the link can be opened
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
