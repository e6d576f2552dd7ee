import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Gives a run of the tests, with every program that it starts, a folder of its own for temporary files: what is left
 * in it at the end is what the run left. It is gone when the run is, however that ends.
 */
export default function ownTemporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'tvm-test-'));
  process.env.TMPDIR = folder;
  // Every test that starts local mode or tvm would otherwise compile them anew.
  process.env.NODE_COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/node', import.meta.url));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
}
