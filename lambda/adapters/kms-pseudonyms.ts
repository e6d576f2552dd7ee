import { createHmac } from 'node:crypto';
import type { Pseudonym } from '../domain/ids.ts';
import type { Pseudonyms } from '../domain/ports.ts';
import { type ComputeMac, deriveKey } from './kms-derived-keys.ts';

/** Hashes addresses and sources with a key that is derived once an instance and never rotates. */
export class KmsPseudonyms implements Pseudonyms {
  readonly #computeMac: ComputeMac;
  readonly #keyId: string;
  #key: Promise<Uint8Array> | undefined;

  constructor(computeMac: ComputeMac, keyId: string) {
    this.#computeMac = computeMac;
    this.#keyId = keyId;
  }

  async of(kind: 'address' | 'source' | 'request', value: string): Promise<Pseudonym> {
    this.#key ??= deriveKey(this.#computeMac, this.#keyId, 'tvm/pseudonym-key/v1').catch((error: unknown) => {
      this.#key = undefined;
      throw error;
    });
    const mac = createHmac('sha256', await this.#key)
      .update(`${kind}/${value}`)
      .digest();
    return mac.subarray(0, 16).toString('hex') as Pseudonym;
  }
}
