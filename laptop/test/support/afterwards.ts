import { afterEach } from '@jest/globals';

/**
 * Returns a function that registers a cleanup for the current test. Cleanups run in reverse order, even if the test
 * fails. Without them, open resources would keep the process running.
 */
export function afterwards(): (undo: () => unknown) => void {
  const undoing: (() => unknown)[] = [];
  afterEach(async () => {
    for (let undo = undoing.pop(); undo !== undefined; undo = undoing.pop()) await undo();
  });
  return (undo) => {
    undoing.push(undo);
  };
}
