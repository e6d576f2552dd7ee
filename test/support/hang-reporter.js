/** Time in milliseconds after which a run hangs in which no test file ends: far more than a busy machine needs. */
const LIMIT = 15 * 60_000;

/** Ends a run that hangs, and prints the names of the test files. The runner itself has no time limits. */
export default class HangReporter {
  #running = new Set();
  #timer;

  onTestFileStart({ path }) {
    this.#running.add(path);
    this.#restart();
  }

  onTestFileResult({ path }) {
    this.#running.delete(path);
    this.#restart();
  }

  #restart() {
    clearTimeout(this.#timer);
    if (this.#running.size === 0) return;
    this.#timer = setTimeout(() => {
      const files = [...this.#running].join('\n');
      process.stderr.write(
        `\nNo test file has ended for ${LIMIT / 60_000} minutes. Still running:\n${files}\n`,
      );
      process.exit(1);
    }, LIMIT);
  }
}
