import type { KMSClient } from '@aws-sdk/client-kms';
import type { EpochSeconds, KeyEpoch } from '../domain/ids.ts';
import { keyEpochOf } from '../domain/key-epoch.ts';
import type { SigningKeys } from '../domain/ports.ts';
import { deriveKey } from './kms-derived-keys.ts';

/** The monthly keys, kept in memory for the life of this instance: one call to KMS for each month met. */
export class KmsSigningKeys implements SigningKeys {
  readonly #client: Pick<KMSClient, 'send'>;
  readonly #keyId: string;
  readonly #derived = new Map<KeyEpoch, Promise<Uint8Array>>();

  constructor(client: Pick<KMSClient, 'send'>, keyId: string) {
    this.#client = client;
    this.#keyId = keyId;
  }

  /** Derives the current month's key ahead of the first request. A failure is left to that request to meet. */
  async prepare(now: EpochSeconds): Promise<void> {
    await this.keyFor(keyEpochOf(now)).catch(() => undefined);
  }

  keyFor(epoch: KeyEpoch): Promise<Uint8Array> {
    const known = this.#derived.get(epoch);
    if (known !== undefined) return known;
    const derived = deriveKey(this.#client, this.#keyId, `tvm/signing-key/v1/${epoch}`);
    this.#derived.set(epoch, derived);
    // A failure is not worth remembering: the next request asks again.
    derived.catch(() => this.#derived.delete(epoch));
    return derived;
  }
}
