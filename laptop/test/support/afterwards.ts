import { afterEach } from '@jest/globals';

/**
 * Undoes what each test of a file or a `describe` has begun, the latest first, and also when the test fails: what it
 * leaves open would keep its process from ending.
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
