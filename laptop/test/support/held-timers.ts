import { afterEach, beforeEach, jest } from '@jest/globals';

/** All timer functions except `setTimeout` and `clearTimeout`, which implement timeouts. */
const REAL = [
  ...(['Date', 'hrtime', 'performance', 'nextTick', 'queueMicrotask'] as const),
  ...(['setImmediate', 'clearImmediate', 'setInterval', 'clearInterval'] as const),
];

/**
 * Replaces the timers of the tested code with fake ones in every test of a file or a `describe`. They do not fire by
 * themselves, even on a slow machine.
 *
 * @returns a function that advances the time by some milliseconds
 */
export function holdTimers(): (milliseconds: number) => void {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: [...REAL] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });
  return (milliseconds) => {
    jest.advanceTimersByTime(milliseconds);
  };
}
