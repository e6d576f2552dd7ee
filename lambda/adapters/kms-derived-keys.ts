import type { JsonService } from './json-service.ts';
import { callService } from './service-fault.ts';

/** Computes the HMAC-SHA-256 of a message with a key that never leaves AWS KMS. */
export type ComputeMac = (keyId: string, message: Uint8Array) => Promise<Uint8Array>;

/**
 * Returns a function that computes MACs with AWS KMS.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html
 */
export function macsOf(kms: Pick<JsonService, 'call'>): ComputeMac {
  return async (KeyId, message) => {
    const Message = Buffer.from(message).toString('base64');
    const { Mac } = await kms.call('GenerateMac', { KeyId, MacAlgorithm: 'HMAC_SHA_256', Message });
    return Buffer.from(String(Mac), 'base64');
  };
}

/**
 * Derives a 32-byte key from an AWS KMS key of spec HMAC_256. The MAC of a label is deterministic, so the derived key
 * does not have to be stored (AWS KMS Developer Guide, "HMAC keys in AWS KMS").
 */
export async function deriveKey(computeMac: ComputeMac, keyId: string, label: string): Promise<Uint8Array> {
  const mac = await callService('kms', () => computeMac(keyId, Buffer.from(label, 'utf8')));
  if (mac.length !== 32) throw new Error('KMS did not return a 32-byte MAC');
  return mac;
}

/** Returns a function that derives a key on its first call. A failure is not cached: the next call tries again. */
export function derivedOnce(computeMac: ComputeMac, keyId: string, label: string): () => Promise<Uint8Array> {
  let key: Promise<Uint8Array> | undefined;
  return () => {
    key ??= deriveKey(computeMac, keyId, label).catch((error: unknown) => {
      key = undefined;
      throw error;
    });
    return key;
  };
}
