import { afterEach, beforeEach } from '@jest/globals';
import { type Clock, install } from '@sinonjs/fake-timers';

/**
 * Holds the timers of the tested code in every test of a file or a `describe`. None fires by itself, however slow the machine
 * is.
 *
 * @returns a function that lets this many milliseconds pass
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
