import { LaptopError } from './laptop-error.ts';

/** Lambda runs Node 24, and so do the scripts of package.json, whatever the host has. */
const NODE_MAJOR = 24;

/** Two signals closer together than this, in milliseconds, are one Ctrl-C that arrived twice. */
const SAME_CTRL_C_MS = 500;

/** How often to look whether the npm that started this is still there, in milliseconds. */
const ABANDONED_CHECK_MS = 500;

/**
 * Runs a program to its end and exits with 0, or with 1 after one clear line. What is not a {@link LaptopError}
 * is a defect and shown with its stack. The program loads its parts itself, so that an old Node gets here.
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

/** Resolves at the first Ctrl-C, or when the terminal closes; a second Ctrl-C ends the process at once. */
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

/** npm passes SIGTERM on to its shell, which dies of it and tells nobody: the program would go on without them. */
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
    `This needs Node ${NODE_MAJOR} and runs on ${version}. Start it by its npm script: that uses the Node that "npm ci" installed.`,
  );
}
