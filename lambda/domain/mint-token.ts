import { type EpochSeconds, newTokenId, secondsAfter } from './ids.ts';
import { keyEpochOf } from './key-epoch.ts';
import type { TokenRecord } from './records.ts';

/** What the issuer decides of a token; everything else follows. */
export type MintRequest = Pick<TokenRecord, 'asset' | 'issuedBy' | 'open' | 'recipient' | 'language'> & {
  /** Seconds, at least one. */
  readonly lifetimeSeconds: number;
};

/** A fresh record. The token itself is a function of it and the key of its month, and is not in it. */
export function mintToken({ lifetimeSeconds, ...request }: MintRequest, now: EpochSeconds): TokenRecord {
  return {
    ...request,
    tokenId: newTokenId(),
    issuedAt: now,
    keyEpoch: keyEpochOf(now),
    expiresAt: secondsAfter(now, lifetimeSeconds),
  };
}
