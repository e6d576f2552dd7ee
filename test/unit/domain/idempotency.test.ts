import { describe, expect, test } from '@jest/globals';
import { nameRequest } from '../../../lambda/domain/idempotency.ts';
import type { CallerId } from '../../../lambda/domain/ids.ts';
import { KeyedPseudonyms } from '../../support/keyed-pseudonyms.ts';

const CALLER = 'AROAREPORTS' as CallerId;
const OTHER_CALLER = 'AROAINVOICES' as CallerId;
const pseudonyms = new KeyedPseudonyms();
const REQUEST = { caller: CALLER, key: 'order-4711', body: '{"recipient":"ada@example.org"}' } as const;

describe('idempotency keys', () => {
  test('two requests have the same name if and only if their caller and key are the same', async () => {
    const { name } = await nameRequest(pseudonyms, REQUEST);
    expect((await nameRequest(pseudonyms, { ...REQUEST, body: '{}' })).name).toBe(name);
    expect((await nameRequest(pseudonyms, { ...REQUEST, caller: OTHER_CALLER })).name).not.toBe(name);
    expect((await nameRequest(pseudonyms, { ...REQUEST, key: 'order-4712' })).name).not.toBe(name);
  });

  test('two requests have the same digest only if their bodies are the same', async () => {
    const { digest } = await nameRequest(pseudonyms, REQUEST);
    expect((await nameRequest(pseudonyms, REQUEST)).digest).toBe(digest);
    expect((await nameRequest(pseudonyms, { ...REQUEST, body: '{}' })).digest).not.toBe(digest);
  });

  test('the name and digest are keyed hashes, so that nobody can confirm a guess of the key or the body', async () => {
    const hashed: [string, string][] = [];
    const watched = {
      of: (kind: Parameters<typeof pseudonyms.of>[0], value: string) => {
        hashed.push([kind, value]);
        return pseudonyms.of(kind, value);
      },
    };
    const { name, digest } = await nameRequest(watched, REQUEST);
    expect(hashed.map(([kind]) => kind)).toEqual(['request', 'request']);
    expect(JSON.stringify([name, digest])).not.toMatch(/4711|ada|REPORTS/);
  });

  test('a quotation mark in a key cannot give two different requests the same digest', async () => {
    const one = await nameRequest(pseudonyms, { caller: CALLER, key: 'a","b', body: 'c' });
    const two = await nameRequest(pseudonyms, { caller: CALLER, key: 'a', body: 'b","c' });
    expect(one.digest).not.toBe(two.digest);
  });
});
