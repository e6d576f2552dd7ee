import { createHmac, timingSafeEqual } from 'node:crypto';
import type { TokenRecord } from './records.ts';

const CONTEXT = 'tvm/private-record/v1';
const SEAL_BYTES = 16;

/** What a seal vouches for. */
type Sealed = Pick<TokenRecord, 'tokenId' | 'asset' | 'expiresAt'>;

/**
 * Vouches that the record of a private file was put by a function that may sign. The functions of the public form put
 * records as well, and cannot: whoever breaks one of them gets no private file out of it.
 *
 * @param key the key derived for the record's month, 32 bytes
 */
export function sealOf(record: Sealed, key: Uint8Array): string {
  return macOf(record, key).toString('base64url');
}

/** Whether the record of a private file is sealed; compared in constant time. */
export function isSealed(record: TokenRecord, key: Uint8Array): boolean {
  const seal = Buffer.from(record.seal ?? '', 'base64url');
  return seal.length === SEAL_BYTES && timingSafeEqual(seal, macOf(record, key));
}

function macOf({ tokenId, asset, expiresAt }: Sealed, key: Uint8Array): Buffer {
  const what = JSON.stringify([tokenId, asset.name, asset.versionId, expiresAt]);
  return createHmac('sha256', key).update(CONTEXT).update(what).digest().subarray(0, SEAL_BYTES);
}
