import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/**
 * Returns the number of bytes in buffers that this thread still references. Unlike the size of the process, this number
 * does not depend on when garbage was collected.
 */
export async function heldBytes(): Promise<number> {
  // Collect twice: a collected buffer is freed in the background, but no later than the start of the next collection.
  for (const _collection of [1, 2]) {
    await turn();
    collect();
  }
  return process.memoryUsage().arrayBuffers;
}
