import { mock } from 'node:test';
import { afterEach, beforeEach } from '@jest/globals';

/**
 * Replaces the timers of the tested code with fake ones in every test of a file or a `describe`. They do not fire by
 * themselves, even on a slow machine.
 *
 * @returns a function that advances the time by some milliseconds
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
