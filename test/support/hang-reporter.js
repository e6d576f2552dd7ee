/** Time limit for a test file in milliseconds: far more than a busy machine needs. */
const LIMIT = 15 * 60_000;

/** Ends a run in which a test file hangs, and prints the name of the file. The runner itself has no time limits. */
export default class HangReporter {
  #running = new Map();

  onTestFileStart({ path }) {
    const end = () => {
      process.stderr.write(`\n${path} has not ended after ${LIMIT / 60_000} minutes.\n`);
      process.exit(1);
    };
    this.#running.set(path, setTimeout(end, LIMIT));
  }

  onTestFileResult({ path }) {
    clearTimeout(this.#running.get(path));
  }
}
