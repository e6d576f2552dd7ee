import { newRedemptionId, secondsAfter, type TokenId } from '../../lambda/domain/ids.ts';
import type { Receipt } from '../../lambda/domain/records.ts';
import { assetName, secondsAt } from '../support/values.ts';

export const NOW = secondsAt('2031-05-17T10:20:30Z');

export function redeemedReceipt(tokenId: TokenId): Receipt {
  return {
    kind: 'redeemed',
    tokenId,
    at: NOW,
    redemptionId: newRedemptionId(),
    asset: assetName('report.pdf'),
    issuedBy: 'public',
    removeAt: secondsAfter(NOW, 1000),
    sourceAddress: '192.0.2.1',
    userAgent: 'test',
  };
}
