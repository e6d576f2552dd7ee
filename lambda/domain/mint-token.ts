import { keyEpochOf } from './key-epoch.ts';
import type { TokenRecord } from './records.ts';

/** Holds what the issuer decides about a token; everything else follows. */
export type MintRequest = Omit<TokenRecord, 'keyEpoch' | 'seal'>;

/** Creates the record of a token. The token is computed from the record and the key of its month, and is not in it. */
export function mintToken(request: MintRequest): TokenRecord {
  return { ...request, keyEpoch: keyEpochOf(request.issuedAt) };
}
