import { createHmac } from 'node:crypto';
import type { Pseudonym } from '../../lambda/domain/ids.ts';
import type { Pseudonyms } from '../../lambda/domain/ports.ts';

/** Computes pseudonyms of 32 hexadecimal digits, with a test key instead of a KMS key. */
export class KeyedPseudonyms implements Pseudonyms {
  async of(kind: 'address' | 'source' | 'request', value: string): Promise<Pseudonym> {
    const mac = createHmac('sha256', 'pseudonyms of tests').update(`${kind}/${value}`).digest('hex');
    return mac.slice(0, 32) as Pseudonym;
  }
}
