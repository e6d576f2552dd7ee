import { LaptopError } from './laptop-error.ts';

/** The version of Node that Lambda runs. */
const NODE_MAJOR = 24;

/** Milliseconds within which two signals count as one Ctrl-C that arrived twice. */
const SAME_CTRL_C_MS = 500;

/** Milliseconds between checks of whether the npm process that started this one is still running. */
const ABANDONED_CHECK_MS = 500;

/**
 * Runs a program and exits with 0, or prints an error message and exits with 1. Errors other than {@link LaptopError}
 * are bugs, and are shown with a stack trace. `main` must import its modules dynamically, so that the Node version is
 * checked first.
 */
export async function runProgram(main: () => Promise<void>): Promise<never> {
  try {
    requireNode(process.versions.node);
    await main();
    process.exit(0);
  } catch (error) {
    const text =
      error instanceof LaptopError ? error.message : error instanceof Error ? error.stack : String(error);
    process.stderr.write(`${text}\n`);
    process.exit(1);
  }
}

/**
 * Resolves at the first Ctrl-C or SIGTERM, when the terminal closes, or when npm has exited. A second signal exits
 * immediately.
 */
export function untilSignalled(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let first: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    first ??= performance.now();
    resolve();
    if (performance.now() - first > SAME_CTRL_C_MS) process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  whenAbandoned(resolve);
  return promise;
}

/** Stops the program when npm has exited. npm forwards SIGTERM only to its shell, which exits without forwarding it. */
function whenAbandoned(stop: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const shell = process.ppid;
  setInterval(() => {
    if (process.ppid !== shell) stop();
  }, ABANDONED_CHECK_MS).unref();
}

function requireNode(version: string): void {
  if (Number(version.split('.', 1)[0]) >= NODE_MAJOR) return;
  throw new LaptopError(
    `This program needs Node ${NODE_MAJOR}, but is running on ${version}. Start it with its npm script, which uses the Node that "npm ci" installed.`,
  );
}
