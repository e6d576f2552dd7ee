import { afterEach, beforeEach } from '@jest/globals';
import { type Clock, install } from '@sinonjs/fake-timers';

/**
 * Replaces the timers of the tested code with fake ones in every test of a file or a `describe`. They do not fire by
 * themselves, even on a slow machine.
 *
 * @returns a function that advances the time by some milliseconds
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
