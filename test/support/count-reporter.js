import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';

const FOLDER = new URL('../../artefacts/', import.meta.url);

/** Node's cache of compiled code, which is allowed to stay in the temporary folder. */
const CACHE = 'node-compile-cache';

/**
 * Writes the counts of a run to artefacts/test-counts.txt, for scripts that sum them up. Fails a run that leaves
 * anything in its temporary folder (own-temporary-folder.js), and counts this failure as one more failed test.
 */
export default class CountReporter {
  #left = [];

  onRunComplete(
    _contexts,
    { numPassedTests, numFailedTests, numFailedTestSuites, numRuntimeErrorTestSuites },
  ) {
    this.#left = readdirSync(tmpdir()).filter((name) => name !== CACHE);
    if (this.#left.length > 0) process.stderr.write(`\n${this.#complaint}\n`);
    // A test file that did not load has also failed, although none of its tests ran.
    const failed =
      numFailedTests +
      Math.min(numRuntimeErrorTestSuites, numFailedTestSuites) +
      Math.min(this.#left.length, 1);
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(new URL('test-counts.txt', FOLDER), `${numPassedTests} passed, ${failed} failed\n`);
  }

  /** Returns an error if files were left behind. The error makes Jest fail the run. */
  getLastError() {
    return this.#left.length > 0 ? new Error(this.#complaint) : undefined;
  }

  get #complaint() {
    return `The tests left files in the temporary folder. The tests that create them must remove them: ${this.#left.join(', ')}`;
  }
}
