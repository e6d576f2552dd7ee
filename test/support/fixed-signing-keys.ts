import { createHmac } from 'node:crypto';
import type { KeyEpoch } from '../../lambda/domain/ids.ts';
import type { SigningKeys } from '../../lambda/domain/ports.ts';

/** Derives the key of a month as AWS KMS would from one root, and remembers which months were asked for. */
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

  /** The key of a month, without this being noted as asked for. */
  derive(epoch: KeyEpoch): Uint8Array {
    return createHmac('sha256', this.#root).update(`tvm/signing-key/v1/${epoch}`).digest();
  }
}
