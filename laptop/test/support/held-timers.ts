import { afterEach, beforeEach, jest } from '@jest/globals';

/** All but the two that a limit of time is made of. */
const REAL = [
  ...(['Date', 'hrtime', 'performance', 'nextTick', 'queueMicrotask'] as const),
  ...(['setImmediate', 'clearImmediate', 'setInterval', 'clearInterval'] as const),
];

/**
 * Holds the timers of the code that is tested, in every test of a file or a `describe`: none goes off by itself, however
 * long the machine takes for what comes before it.
 *
 * @returns lets so many milliseconds pass
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
