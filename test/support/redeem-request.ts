import type { RedeemRequest } from '../../lambda/domain/redemption.ts';

/** Returns the request that the button on a link's page sends. */
export function redeemRequest(token: string, details: Partial<RedeemRequest> = {}): RedeemRequest {
  return { token, opening: 'confirm', sourceAddress: '192.0.2.7', userAgent: 'Browser/1.0', ...details };
}
