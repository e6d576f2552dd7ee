import { createHmac } from 'node:crypto';
import type { Pseudonym } from '../domain/ids.ts';
import type { Pseudonyms } from '../domain/ports.ts';
import { type ComputeMac, derivedOnce } from './kms-derived-keys.ts';

/** Computes pseudonyms with a key that never rotates. Each instance derives it once. */
export class KmsPseudonyms implements Pseudonyms {
  readonly #key: () => Promise<Uint8Array>;

  constructor(computeMac: ComputeMac, keyId: string) {
    this.#key = derivedOnce(computeMac, keyId, 'tvm/pseudonym-key/v1');
  }

  async of(kind: 'address' | 'source' | 'request', value: string): Promise<Pseudonym> {
    const mac = createHmac('sha256', await this.#key())
      .update(`${kind}/${value}`)
      .digest();
    return mac.subarray(0, 16).toString('hex') as Pseudonym;
  }
}
