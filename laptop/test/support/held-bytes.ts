import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/**
 * The bytes in buffers that something in this thread still refers to. What a process has of memory depends on when
 * its garbage was collected; this does not.
 */
export async function heldBytes(): Promise<number> {
  // Buffers are freed beside the collection that found them, and at the latest when the next one begins.
  for (const _collection of [1, 2]) {
    await turn();
    collect();
  }
  return process.memoryUsage().arrayBuffers;
}
