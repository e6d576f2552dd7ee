import { keyEpochOf } from './key-epoch.ts';
import type { TokenRecord } from './records.ts';

/** What the issuer decides of a token; everything else follows. */
export type MintRequest = Omit<TokenRecord, 'keyEpoch' | 'seal'>;

/** The record of a token. The token itself is a function of it and the key of its month, and is not in it. */
export function mintToken(request: MintRequest): TokenRecord {
  return { ...request, keyEpoch: keyEpochOf(request.issuedAt) };
}
