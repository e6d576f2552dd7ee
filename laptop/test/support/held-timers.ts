import { afterEach, beforeEach, jest } from '@jest/globals';

/** Everything but `setTimeout` and `clearTimeout`, which time limits are made of. */
const REAL = [
  ...(['Date', 'hrtime', 'performance', 'nextTick', 'queueMicrotask'] as const),
  ...(['setImmediate', 'clearImmediate', 'setInterval', 'clearInterval'] as const),
];

/**
 * Holds the timers of the tested code in every test of a file or a `describe`. None fires by itself, however slow the machine
 * is.
 *
 * @returns a function that lets this many milliseconds pass
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
