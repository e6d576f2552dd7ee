import { afterEach, beforeEach } from '@jest/globals';
import { type Clock, install } from '@sinonjs/fake-timers';

/**
 * Replaces the timers of the code under test with fake timers, in every test of a file or a `describe`. Fake timers do
 * not fire by themselves, even on a slow computer.
 *
 * @returns a function that advances the time by a number of milliseconds
 */
export function holdTimers(): (milliseconds: number) => void {
  let clock: Clock;
  beforeEach(() => {
    clock = install({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => clock.uninstall());
  return (milliseconds) => {
    clock.tick(milliseconds);
  };
}
