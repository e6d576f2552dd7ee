import { createHmac } from 'node:crypto';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { Pseudonym } from '../domain/ids.ts';
import type { Pseudonyms } from '../domain/ports.ts';
import { deriveKey } from './kms-derived-keys.ts';

/** Hashes addresses and sources with a key that is derived once an instance and never rotates. */
export class KmsPseudonyms implements Pseudonyms {
  readonly #client: Pick<KMSClient, 'send'>;
  readonly #keyId: string;
  #key: Promise<Uint8Array> | undefined;

  constructor(client: Pick<KMSClient, 'send'>, keyId: string) {
    this.#client = client;
    this.#keyId = keyId;
  }

  async of(kind: 'address' | 'source' | 'request', value: string): Promise<Pseudonym> {
    this.#key ??= deriveKey(this.#client, this.#keyId, 'tvm/pseudonym-key/v1').catch((error: unknown) => {
      this.#key = undefined;
      throw error;
    });
    const mac = createHmac('sha256', await this.#key)
      .update(`${kind}/${value}`)
      .digest();
    return mac.subarray(0, 16).toString('hex') as Pseudonym;
  }
}
