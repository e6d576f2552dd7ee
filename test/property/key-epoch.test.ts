import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { EpochSeconds } from '../../lambda/domain/ids.ts';
import { isAcceptedKeyEpoch, keyEpochOf } from '../../lambda/domain/key-epoch.ts';
import { keyEpoch, secondsAt } from '../support/values.ts';

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

  test('the key epoch of a token is accepted if the token was issued up to 400 days ago, or by a clock that is up to five minutes ahead', () => {
    const age = fc.integer({ min: -300, max: 400 * 86_400 });
    fc.assert(
      fc.property(moments, age, (issued, elapsed) => {
        const now = (issued + elapsed) as EpochSeconds;
        expect(isAcceptedKeyEpoch(keyEpochOf(issued), now)).toBe(true);
      }),
    );
  });

  test('a key epoch is accepted if it is at most 26 months old and starts at most five minutes from now', () => {
    const accepted = (month: number, moment: string) =>
      isAcceptedKeyEpoch(keyEpoch(month), secondsAt(moment));
    expect(accepted(350, '2031-05-17T10:20:30Z')).toBe(true);
    expect(accepted(349, '2031-05-17T10:20:30Z')).toBe(false);
    expect(accepted(376, '2031-05-17T10:20:30Z')).toBe(true);
    expect(accepted(377, '2031-05-17T10:20:30Z')).toBe(false);
    expect(accepted(377, '2031-05-31T23:54:59Z')).toBe(false);
    expect(accepted(377, '2031-05-31T23:55:00Z')).toBe(true);
  });
});
