import { describe, expect, test } from '@jest/globals';
import { isAcceptedKeyEpoch, keyEpochOf } from '../../../lambda/domain/key-epoch.ts';
import { keyEpoch, secondsAt } from '../../support/values.ts';

describe('key epochs', () => {
  test.each([
    ['2000-01-01T00:00:00Z', 0],
    ['2000-12-31T23:59:59Z', 11],
    ['2001-01-01T00:00:00Z', 12],
    ['2024-02-29T12:00:00Z', 289],
    ['2031-05-31T23:59:59Z', 376],
    ['2031-06-01T00:00:00Z', 377],
  ])('the key epoch at %s is %i, counted in UTC months', (moment, month) => {
    expect(keyEpochOf(secondsAt(moment))).toBe(month);
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
