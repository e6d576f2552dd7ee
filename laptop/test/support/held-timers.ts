import { mock } from 'node:test';
import { afterEach, beforeEach } from '@jest/globals';

/**
 * Holds the timers of the tested code in every test of a file or a `describe`. None fires by itself, however slow the machine
 * is.
 *
 * @returns a function that lets this many milliseconds pass
 */
export function holdTimers(): (milliseconds: number) => void {
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
  });
  afterEach(() => {
    mock.timers.reset();
  });
  return (milliseconds) => {
    mock.timers.tick(milliseconds);
  };
}
