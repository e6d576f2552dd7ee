import { afterEach } from '@jest/globals';

/**
 * Undoes what each test of a file or a `describe` has started, the latest first, even if the test fails. Anything left open
 * would keep the process from ending.
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
