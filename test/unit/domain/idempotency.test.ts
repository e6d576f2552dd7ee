import { describe, expect, test } from '@jest/globals';
import { nameRequest } from '../../../lambda/domain/idempotency.ts';
import type { CallerId } from '../../../lambda/domain/ids.ts';
import { KeyedPseudonyms } from '../../support/keyed-pseudonyms.ts';

const CALLER = 'AROAREPORTS' as CallerId;
const OTHER = 'AROAINVOICES' as CallerId;
const pseudonyms = new KeyedPseudonyms();
const REQUEST = { caller: CALLER, key: 'order-4711', body: '{"recipient":"ada@example.org"}' } as const;

describe('what makes two requests one', () => {
  test('is their caller and the key that it made up', async () => {
    const { name } = await nameRequest(pseudonyms, REQUEST);
    expect((await nameRequest(pseudonyms, { ...REQUEST, body: '{}' })).name).toBe(name);
    expect((await nameRequest(pseudonyms, { ...REQUEST, caller: OTHER })).name).not.toBe(name);
    expect((await nameRequest(pseudonyms, { ...REQUEST, key: 'order-4712' })).name).not.toBe(name);
  });

  test('and what they ask for, which another digest tells apart', async () => {
    const { digest } = await nameRequest(pseudonyms, REQUEST);
    expect((await nameRequest(pseudonyms, REQUEST)).digest).toBe(digest);
    expect((await nameRequest(pseudonyms, { ...REQUEST, body: '{}' })).digest).not.toBe(digest);
  });

  test('is told by keyed hashes alone: who guesses key and body cannot tell that they are right', async () => {
    const asked: [string, string][] = [];
    const watched = {
      of: (kind: Parameters<typeof pseudonyms.of>[0], value: string) => {
        asked.push([kind, value]);
        return pseudonyms.of(kind, value);
      },
    };
    const { name, digest } = await nameRequest(watched, REQUEST);
    expect(asked.map(([kind]) => kind)).toEqual(['request', 'request']);
    expect(JSON.stringify([name, digest])).not.toMatch(/4711|ada|REPORTS/);
  });

  test('cannot be made to run into each other', async () => {
    const one = await nameRequest(pseudonyms, { caller: CALLER, key: 'a","b', body: 'c' });
    const two = await nameRequest(pseudonyms, { caller: CALLER, key: 'a', body: 'b","c' });
    expect(one.digest).not.toBe(two.digest);
  });
});
