import { createHmac } from 'node:crypto';
import type { KeyEpoch } from '../../lambda/domain/ids.ts';
import type { SigningKeys } from '../../lambda/domain/ports.ts';

/** Derives each month's key from one root, as AWS KMS does, and records the requested months. */
export class FixedSigningKeys implements SigningKeys {
  readonly asked: KeyEpoch[] = [];
  readonly #root: string;

  constructor(root = 'a root that exists in tests only') {
    this.#root = root;
  }

  async keyFor(epoch: KeyEpoch): Promise<Uint8Array> {
    this.asked.push(epoch);
    return this.derive(epoch);
  }

  /** Returns the key of a month without recording a request. */
  derive(epoch: KeyEpoch): Uint8Array {
    return createHmac('sha256', this.#root).update(`tvm/signing-key/v1/${epoch}`).digest();
  }
}
