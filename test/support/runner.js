import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createRunner } from 'jest-light-runner';

const RUNNER = fileURLToPath(import.meta.resolve('jest-light-runner'));
const { default: Tinypool } = await import(pathToFileURL(createRequire(RUNNER).resolve('tinypool')));

const { run } = Tinypool.prototype;

/**
 * Gives each process its own channel to the runner. The processes share one by default: if one of them asks for its
 * configuration, all get it, including those that are not listening yet. These then ask, get no response, and wait
 * forever, so a run with busy cores hung now and then.
 */
Tinypool.prototype.run = function runWithOwnChannel(task, { channel }) {
  let listener;
  const own = {
    onMessage: (added) => {
      listener = added;
    },
    postMessage: (message) => {
      channel.onMessage(listener);
      channel.postMessage(message);
    },
  };
  return run.call(this, task, { channel: own });
};

export default createRunner({ runtime: 'child_process' });
