import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { EpochSeconds } from '../../lambda/domain/ids.ts';
import { isAcceptedKeyEpoch, keyEpochOf } from '../../lambda/domain/key-epoch.ts';
import { keyEpoch } from '../support/values.ts';

/** Any second in which a token can be issued: from 2000 until 32-bit seconds overflow. */
const moments = fc.integer({ min: 946_684_800, max: 0xffff_ffff }).map((value) => value as EpochSeconds);

const firstSecondOf = (month: number): number => Date.UTC(2000, month) / 1000;

describe('key epochs', () => {
  test('the key epoch of a time is the month that contains it', () => {
    fc.assert(
      fc.property(moments, (moment) => {
        const month = keyEpochOf(moment);
        expect(firstSecondOf(month)).toBeLessThanOrEqual(moment);
        expect(firstSecondOf(month + 1)).toBeGreaterThan(moment);
      }),
    );
  });

  test('the key epoch never goes back and never skips a month', () => {
    fc.assert(
      fc.property(moments, fc.nat({ max: 31 * 86_400 }), (moment, later) => {
        const step = keyEpochOf((moment + later) as EpochSeconds) - keyEpochOf(moment);
        expect(step).toBeGreaterThanOrEqual(0);
        expect(step).toBeLessThanOrEqual(later > 28 * 86_400 ? 2 : 1);
      }),
    );
  });

  test('the key epoch fits in the two bytes that a token has for it', () => {
    fc.assert(
      fc.property(moments, (moment) => {
        expect(keyEpochOf(moment)).toBeGreaterThanOrEqual(0);
        expect(keyEpochOf(moment)).toBeLessThanOrEqual(0xffff);
      }),
    );
  });

  test('the key epoch of a token is accepted if the token was issued up to 400 days ago, or by a clock that is up to five minutes ahead', () => {
    const age = fc.integer({ min: -300, max: 400 * 86_400 });
    fc.assert(
      fc.property(moments, age, (issued, elapsed) => {
        const now = (issued + elapsed) as EpochSeconds;
        expect(isAcceptedKeyEpoch(keyEpochOf(issued), now)).toBe(true);
      }),
    );
  });

  test('a key epoch that begins more than five minutes from now, or is more than 26 months old, is rejected', () => {
    fc.assert(
      fc.property(moments, fc.integer({ min: 1, max: 1000 }), (now, distance) => {
        const newest = keyEpochOf((now + 300) as EpochSeconds);
        expect(isAcceptedKeyEpoch(keyEpoch(newest + distance), now)).toBe(false);
        expect(isAcceptedKeyEpoch(keyEpoch(newest - 26 - distance), now)).toBe(false);
        expect(isAcceptedKeyEpoch(keyEpoch(newest), now)).toBe(true);
        expect(isAcceptedKeyEpoch(keyEpoch(newest - 26), now)).toBe(true);
      }),
    );
  });
});
