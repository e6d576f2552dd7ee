import type { EpochSeconds, KeyEpoch } from '../domain/ids.ts';
import { keyEpochOf } from '../domain/key-epoch.ts';
import type { SigningKeys } from '../domain/ports.ts';
import { type ComputeMac, deriveKey } from './kms-derived-keys.ts';

/** Derives the key for each month with one KMS call, and keeps it in memory for the lifetime of this instance. */
export class KmsSigningKeys implements SigningKeys {
  readonly #computeMac: ComputeMac;
  readonly #keyId: string;
  readonly #derived = new Map<KeyEpoch, Promise<Uint8Array>>();

  constructor(computeMac: ComputeMac, keyId: string) {
    this.#computeMac = computeMac;
    this.#keyId = keyId;
  }

  /** Derives the current month's key before the first request. If that fails, the first request tries again. */
  async prepare(now: EpochSeconds): Promise<void> {
    await this.keyFor(keyEpochOf(now)).catch(() => undefined);
  }

  keyFor(epoch: KeyEpoch): Promise<Uint8Array> {
    const known = this.#derived.get(epoch);
    if (known !== undefined) return known;
    const derived = deriveKey(this.#computeMac, this.#keyId, `tvm/signing-key/v1/${epoch}`);
    this.#derived.set(epoch, derived);
    // A failure is not cached: the next request tries again.
    derived.catch(() => this.#derived.delete(epoch));
    return derived;
  }
}
