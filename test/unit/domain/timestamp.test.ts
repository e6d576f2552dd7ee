import { expect, test } from '@jest/globals';
import { timestamp } from '../../../lambda/domain/timestamp.ts';

test.each([
  [0, '1970-01-01T00:00:00Z'],
  [1_795_457_159, '2026-11-23T18:05:59Z'],
  [1_795_457_159.999, '2026-11-23T18:05:59Z'],
])('timestamp(%p) is %s, rounded down to the full second', (seconds, text) =>
  expect(timestamp(seconds)).toBe(text),
);
