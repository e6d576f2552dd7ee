import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { fail, ok, type Result } from '../domain/result.ts';
import { type Mark, type Stamper, UNSTAMPABLE, type Unstampable } from '../domain/watermark.ts';

/** Exit codes of the sandboxed program. `copy`: it wrote a copy. `refusal`: it wrote the code of a refusal. */
export const EXIT = { copy: 0, refusal: 3 } as const;

/** Limits of one stamping process. */
export interface StampLimits {
  /** CPU time on all cores, in seconds. Unlike wall-clock time, it does not depend on the load of the machine. */
  readonly cpuSeconds: number;
  readonly heapMb: number;
  /** Limit on all writable memory, including memory outside the heap, such as unpacked streams. */
  readonly memoryMb: number;
}

/**
 * Runs a program with limits on time and memory, and without core dumps. The kernel enforces the limits (setrlimit(2)),
 * so no bug in a parser can get around them.
 */
const LIMITED = 'ulimit -c 0 && ulimit -t "$1" && ulimit -d "$2" && shift 2 && exec "$@"';

/**
 * Stamps each file in its own process. A small PDF can be crafted so that reading it takes minutes or gigabytes. In
 * that case, the process is killed, and the function continues. The environment of the process contains only the text
 * of the stamp and the library path, and therefore no credentials. The process can read only the folder of its program
 * (Node.js documentation, "Permissions").
 */
export class SandboxedStamper implements Stamper {
  readonly #command: readonly string[];
  readonly #libraryPath: string | undefined;

  /**
   * @param program the bundle of lambda/entry/stamper.ts, with its fonts next to it
   * @param libraryPath the `LD_LIBRARY_PATH` of this process, in case the runtime's Node needs it to start
   */
  constructor(program: URL, { cpuSeconds, heapMb, memoryMb }: StampLimits, libraryPath?: string) {
    this.#libraryPath = libraryPath;
    const folder = fileURLToPath(new URL('.', program));
    this.#command = [
      ...['-c', LIMITED, 'sh', String(cpuSeconds), String(memoryMb * 1024)],
      ...[execPath, `--max-old-space-size=${heapMb}`, '--permission', `--allow-fs-read=${folder}*`],
      fileURLToPath(program),
    ];
  }

  /** @throws if the program fails for any reason other than its limits */
  async stamp(pdf: Uint8Array, mark: Mark): Promise<Result<Uint8Array, Unstampable>> {
    const child = spawn('/bin/sh', this.#command, {
      env: { MARK: JSON.stringify(mark), LD_LIBRARY_PATH: this.#libraryPath },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const ended = once(child, 'close');
    // If the process ends early, writing to it fails. The error is ignored, because only the exit code or the signal
    // matters.
    child.stdin.on('error', () => undefined).end(pdf);
    const pieces: Buffer[] = [];
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
    const [exitCode, signal] = (await ended) as [number | null, NodeJS.Signals | null];
    const output = Buffer.concat(pieces);
    if (signal !== null) return fail({ code: 'pdf_too_complex' });
    if (exitCode === EXIT.copy) return ok(output);
    const code = UNSTAMPABLE.find((each) => each === output.toString());
    if (exitCode === EXIT.refusal && code !== undefined) return fail({ code });
    throw new Error(`The stamper exited with ${exitCode}`);
  }
}
