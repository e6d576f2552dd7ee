import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openCursor, sealCursor } from '../../lambda/domain/list-cursor.ts';
import { FixedSigningKeys } from '../support/fixed-signing-keys.ts';
import { secondsAt } from '../support/values.ts';

const NOW = secondsAt('2031-05-17T10:20:30Z');
const keys = new FixedSigningKeys();
const texts = fc.string({ unit: 'grapheme', maxLength: 200 });

describe('list cursors', () => {
  test('a cursor leads to its position in its own list, and is rejected in any other list', async () => {
    await fc.assert(
      fc.asyncProperty(texts, texts, texts, async (position, list, other) => {
        const cursor = await sealCursor(keys, position, list, NOW);
        expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(await openCursor(keys, cursor, list, NOW)).toBe(position);
        if (other !== list) expect(await openCursor(keys, cursor, other, NOW)).toBeUndefined();
      }),
    );
  });

  test('a cursor reveals nothing about its position, and two cursors for one position differ', async () => {
    const position = '{"tokenId":"0123456789abcdef0123456789abcdef"}';
    const cursor = await sealCursor(keys, position, 'list', NOW);
    const shown = Buffer.from(cursor, 'base64url').toString('latin1');
    expect(shown).not.toContain('tokenId');
    expect(shown).not.toContain('01234567');
    expect(await sealCursor(keys, position, 'list', NOW)).not.toBe(cursor);
  });

  test('a made-up cursor is rejected', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(texts, fc.base64String()), async (text) => {
        expect(await openCursor(keys, text, 'list', NOW)).toBeUndefined();
      }),
    );
  });

  test('no key is derived for a forged cursor with an impossible month', async () => {
    let asked = 0;
    const counting = {
      keyFor: (epoch: Parameters<typeof keys.keyFor>[0]) => {
        asked += 1;
        return keys.keyFor(epoch);
      },
    };
    const bytes = Buffer.alloc(40);
    bytes.writeUInt16BE(9999);
    expect(await openCursor(counting, bytes.toString('base64url'), 'list', NOW)).toBeUndefined();
    expect(asked).toBe(0);
  });
});
