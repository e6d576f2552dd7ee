import { createHmac } from 'node:crypto';
import type { Pseudonym } from '../../lambda/domain/ids.ts';
import type { Pseudonyms } from '../../lambda/domain/ports.ts';

/** Makes pseudonyms of 32 digits, as KMS does, with a key that only tests use. */
export class KeyedPseudonyms implements Pseudonyms {
  async of(kind: 'address' | 'source' | 'request', value: string): Promise<Pseudonym> {
    const mac = createHmac('sha256', 'pseudonyms of tests').update(`${kind}/${value}`).digest('hex');
    return mac.slice(0, 32) as Pseudonym;
  }
}
