import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';

const FOLDER = new URL('../../artefacts/', import.meta.url);

/** What Node.js keeps of compiled code for the next start. */
const CACHE = 'node-compile-cache';

/**
 * Leaves the counts of a run in artefacts/test-counts.txt, for scripts that sum up. A run that leaves anything in the
 * folder that it has for temporary files (own-temporary-folder.js) has failed, as by a test more.
 */
export default class CountReporter {
  #left = [];

  onRunComplete(
    _contexts,
    { numPassedTests, numFailedTests, numFailedTestSuites, numRuntimeErrorTestSuites },
  ) {
    this.#left = readdirSync(tmpdir()).filter((name) => name !== CACHE);
    if (this.#left.length > 0) process.stderr.write(`\n${this.#complaint}\n`);
    // A file that did not even load failed too, although no test of it ran.
    const failed =
      numFailedTests +
      Math.min(numRuntimeErrorTestSuites, numFailedTestSuites) +
      Math.min(this.#left.length, 1);
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(new URL('test-counts.txt', FOLDER), `${numPassedTests} passed, ${failed} failed\n`);
  }

  /** Jest fails a run by it. */
  getLastError() {
    return this.#left.length > 0 ? new Error(this.#complaint) : undefined;
  }

  get #complaint() {
    return `The tests left this in the folder for temporary files; whoever made it must remove it: ${this.#left.join(', ')}`;
  }
}
