import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Invocation } from './requests.ts';
import type { Services } from './services.ts';

const run = promisify(execFile);
const PROGRAM = fileURLToPath(new URL('process.mjs', import.meta.url));

/** A module with a handler, built as it would be deployed. */
export interface Program {
  readonly name: string;
  readonly moduleUrl: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly invocation: Invocation;
}

/** Measurements of one process, in milliseconds and megabytes. `readyMs` and `firstMs` count from its start. */
export interface Figures {
  readonly readyMs: number;
  readonly readyCpuMs: number;
  readonly readyMb: number;
  readonly firstMs: number;
  /** The median of the warm responses. */
  readonly warmMs: number;
  /** The mean processor time of the warm responses. */
  readonly warmCpuMs: number;
  readonly peakMb: number;
  /** Bytes logged per response. */
  readonly logBytes: number;
}

/** The number of responses after the first one: `warmUp` unmeasured ones, then `warm` measured ones. */
export interface WarmRun {
  readonly warmUp: number;
  readonly warm: number;
  /** The process joins a control group by writing its ID to this file. */
  readonly group?: string;
}

/**
 * Measures a function's first and warm responses in a fresh process, as after a cold start. The fresh process loads the
 * function's code from disk, and does not inherit this process's environment.
 */
export async function invokeFresh(
  { moduleUrl, environment, invocation }: Program,
  services: Pick<Services, 'url' | 'sinkPort'>,
  { warmUp, warm, group }: WarmRun,
): Promise<Figures> {
  const plan = { moduleUrl, ...invocation, sinkPort: services.sinkPort, warmUp, warm };
  const command = [process.execPath, PROGRAM, JSON.stringify(plan)];
  // The shell joins the group, and then replaces itself with the program.
  const joined =
    group === undefined ? command : ['/bin/sh', '-c', 'echo $$ >"$0" && exec "$@"', group, ...command];
  const [file = '', ...rest] = joined;
  const { stdout } = await run(file, rest, {
    env: { ...environment, ...lambdaVariables(services.url) },
    maxBuffer: 100_000_000,
  });
  const end = stdout.trimEnd().lastIndexOf('\n');
  const figures = JSON.parse(stdout.slice(end)) as Omit<Figures, 'logBytes'>;
  return { ...figures, logBytes: Buffer.byteLength(stdout.slice(0, end)) / (1 + warmUp + warm) };
}

/** Invokes the programs in turn, so that other load on this computer affects all of them equally. */
export async function interleave(
  programs: readonly Program[],
  services: Pick<Services, 'url' | 'sinkPort'>,
  { rounds, ...warmRun }: WarmRun & { readonly rounds: number },
): Promise<ReadonlyMap<string, readonly Figures[]>> {
  const measured = new Map<string, Figures[]>(programs.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const program of programs) {
      measured.get(program.name)?.push(await invokeFresh(program, services, warmRun));
    }
  }
  return measured;
}

function lambdaVariables(url: string): Readonly<Record<string, string>> {
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'none',
    AWS_SECRET_ACCESS_KEY: 'none',
    AWS_ENDPOINT_URL_DYNAMODB: url,
    AWS_ENDPOINT_URL_KMS: url,
    KMS_URL: url,
    GUARDDUTY_URL: url,
    AWS_ENDPOINT_URL_S3: url,
    AWS_ENDPOINT_URL_SES: url,
    AWS_ENDPOINT_URL_SQS: url,
    // The SDK calls each queue at its own URL, regardless of the endpoint.
    MAIL_QUEUE_URL: `${url}/111122223333/mail`,
    // Prevents the SDK from reading the user's settings.
    HOME: '/nonexistent',
  };
}
