import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { fail, ok, type Result } from '../domain/result.ts';
import type { Mark, Stamper, Unstampable } from '../domain/watermark.ts';

/** Tells how the program of a sandbox ended: with a copy on its output, or with the code of a refusal. */
export const EXIT = { copy: 0, refusal: 3 } as const;

/** Sets what one stamp may use of the machine. */
export interface StampLimits {
  /** Time on all cores, in seconds. A busy machine does not change it. */
  readonly cpuSeconds: number;
  readonly heapMb: number;
  /** All writable memory, with what is outside of the heap: unpacked streams are. */
  readonly memoryMb: number;
}

/**
 * Runs a program under the limits of the kernel, which no bug in a parser can get around (setrlimit(2)): time, memory, and
 * no dump of the memory if it dies.
 */
const LIMITED = 'ulimit -c 0 && ulimit -t "$1" && ulimit -d "$2" && shift 2 && exec "$@"';

/** Lists the refusals of the program. Anything else that it writes is a defect. */
const REFUSALS: readonly Unstampable['code'][] = [
  'pdf_encrypted',
  'pdf_signed',
  'pdf_unreadable',
  'pdf_too_large',
  'pdf_too_complex',
  'name_unprintable',
];

/**
 * Stamps each file in a process of its own. A small PDF can be made so that reading it takes minutes or gigabytes. Then
 * the process ends, and not the function. It has no environment, so no credentials, and may read nothing but the folder
 * of its program (Node.js documentation, "Permissions").
 */
export class SandboxedStamper implements Stamper {
  readonly #command: readonly string[];

  /** @param program lambda/entry/stamper.ts, bundled, beside its fonts */
  constructor(program: URL, { cpuSeconds, heapMb, memoryMb }: StampLimits) {
    const folder = fileURLToPath(new URL('.', program));
    this.#command = [
      ...['-c', LIMITED, 'sh', String(cpuSeconds), String(memoryMb * 1024)],
      ...[execPath, `--max-old-space-size=${heapMb}`, '--permission', `--allow-fs-read=${folder}*`],
      fileURLToPath(program),
    ];
  }

  /** @throws if the program fails otherwise than by its limits */
  async stamp(pdf: Uint8Array, mark: Mark): Promise<Result<Uint8Array, Unstampable>> {
    const child = spawn('/bin/sh', this.#command, {
      env: { MARK: JSON.stringify(mark) },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const ended = once(child, 'close');
    // If it dies early, it does not read the rest. How it died is what counts.
    child.stdin.on('error', () => undefined).end(pdf);
    const pieces: Buffer[] = [];
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
    const [exitCode, signal] = (await ended) as [number | null, NodeJS.Signals | null];
    const output = Buffer.concat(pieces);
    if (signal !== null) return fail({ code: 'pdf_too_complex' });
    if (exitCode === EXIT.copy) return ok(output);
    const code = REFUSALS.find((each) => each === output.toString());
    if (exitCode === EXIT.refusal && code !== undefined) return fail({ code });
    throw new Error(`The stamper exited with ${exitCode}`);
  }
}
