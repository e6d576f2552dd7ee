import { execFile, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { ScanResult } from './scan-result.ts';

/** ClamAV, run as a program. */
export interface ClamAv {
  readonly program: 'clamdscan' | 'clamscan';
  scan(bytes: Readable, signal: AbortSignal): Promise<ScanResult>;
}

/**
 * ClamAV's programs, the faster one first. `probe` contains the arguments of a call that fails if the program cannot
 * scan.
 */
const PROGRAMS = [
  { program: 'clamdscan', probe: ['--ping', '1'], options: [] },
  { program: 'clamscan', probe: ['--version'], options: ['--alert-encrypted=yes'] },
] as const;

/** Finds a working ClamAV program on the `PATH`. */
export async function findClamAv(env: NodeJS.ProcessEnv): Promise<ClamAv | undefined> {
  for (const { program, probe, options } of PROGRAMS) {
    const works = await promisify(execFile)(program, probe, { env }).then(
      () => true,
      () => false,
    );
    if (works)
      return { program, scan: (bytes, signal) => scanWith([program, ...options], bytes, { env, signal }) };
  }
  return undefined;
}

async function scanWith(
  [program, ...options]: readonly [string, ...string[]],
  bytes: Readable,
  run: { readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<ScanResult> {
  const child = spawn(program, ['--no-summary', '--stdout', ...options, '-'], {
    ...run,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  const fed = pipeline(bytes, child.stdin).then(
    () => true,
    () => false,
  );
  const [output, status, whole] = await Promise.all([text(child.stdout), ended, fed]);
  // ClamAV also reports a file as clean if it received only the beginning, so check that it received the whole file.
  if (status === 0) return { verdict: whole ? 'NO_THREATS_FOUND' : 'FAILED' };
  const threat = /: (.+) FOUND$/m.exec(output)?.[1];
  if (status !== 1 || threat === undefined) return { verdict: 'FAILED' };
  return threat.startsWith('Heuristics.Encrypted.')
    ? { verdict: 'UNSUPPORTED', reasons: ['PASSWORD_PROTECTED'] }
    : { verdict: 'THREATS_FOUND', threats: [threat] };
}
