import { mkdirSync, writeFileSync } from 'node:fs';

const FOLDER = new URL('../../artefacts/', import.meta.url);

/** Leaves the counts of a run in artefacts/test-counts.txt, for scripts that sum up. */
export default class CountReporter {
  onRunComplete(
    _contexts,
    { numPassedTests, numFailedTests, numFailedTestSuites, numRuntimeErrorTestSuites },
  ) {
    // A file that did not even load failed too, although no test of it ran.
    const failed = numFailedTests + Math.min(numRuntimeErrorTestSuites, numFailedTestSuites);
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(new URL('test-counts.txt', FOLDER), `${numPassedTests} passed, ${failed} failed\n`);
  }
}
