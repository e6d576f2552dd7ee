import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What it takes to start a function in a fresh process. */
export interface Start {
  /** The time from the start of the process until the handler is ready, in milliseconds. */
  readonly ms: number;
  /** The peak memory of the process, in megabytes. */
  readonly peakMb: number;
}

/** `performance.now()` counts from the start of the process. */
const PROGRAM = `
  // Lambda's runtime defines this.
  globalThis.awslambda = { streamifyResponse: (handler) => handler };
  await import(process.argv[1]);
  const ms = performance.now();
  const peakMb = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(JSON.stringify({ ms, peakMb }), () => process.exit(0));
`;

/**
 * Loads a module as a cold start does: in a fresh process, from files alone, with nothing of this process's
 * environment.
 */
export async function startFresh(
  moduleUrl: string,
  environment: Readonly<Record<string, string>>,
): Promise<Start> {
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', PROGRAM, moduleUrl], {
    env: { ...environment },
  });
  return JSON.parse(stdout) as Start;
}
