import { setTimeout as wait } from 'node:timers/promises';
import { isNativeError } from 'node:util/types';
import { z } from 'zod';
import { CommandFailure } from './command-failure.ts';
import type { Connection } from './connection.ts';
import { durationText } from './duration.ts';
import { parseJson } from './parse-json.ts';
import { type ApiCall, sigv4Fetch } from './sigv4-fetch.ts';

/** A response from the API: JSON with a 2xx status, or a problem. */
export type ApiResponse =
  | { readonly kind: 'success'; readonly body: unknown }
  | { readonly kind: 'problem'; readonly problem: Problem };

/** Longer than the 29 s after which API Gateway gives up and responds with an error. */
const TIMEOUT_MS = 35_000;
const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 300;
const LONGEST_PAUSE_MS = 10_000;
/** The longest `Retry-After` for which a call is retried, in seconds. */
export const LONGEST_RETRY_AFTER = 60;

const RETRYABLE: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

/**
 * Calls the API, and retries after lost responses and temporary errors, up to four attempts. Every call that `tvm`
 * makes is safe to repeat: issuing, inviting, and opening uploads use an `Idempotency-Key`, and all other calls are
 * idempotent.
 *
 * @param pause waits between attempts
 * @throws Error if the API cannot be reached, or the signal is aborted
 */
export async function callApi(
  connection: Pick<Connection, 'deployment' | 'region' | 'credentials'>,
  call: ApiCall,
  signal: AbortSignal,
  pause: (milliseconds: number) => Promise<unknown> = (ms) => wait(ms, undefined, { signal }),
): Promise<ApiResponse> {
  for (let attempt = 1; ; attempt++) {
    const last = attempt === ATTEMPTS;
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
      const response = await sigv4Fetch(connection, call, limit);
      if (response.ok) return { kind: 'success', body: await readBody(response) };
      const retryAfter = secondsOf(response.headers.get('retry-after'));
      const problem = readProblem(response.status, await readBody(response), retryAfter);
      const mayPass = RETRYABLE.has(response.status) && (retryAfter ?? 0) <= LONGEST_RETRY_AFTER;
      if (last || !mayPass) return { kind: 'problem', problem };
      await pause(pauseMs(attempt, retryAfter));
    } catch (error) {
      if (last || signal.aborted || !isNetworkError(error)) throw error;
      await pause(pauseMs(attempt));
    }
  }
}

/**
 * Calls the API and returns the body of its response.
 *
 * @param missing message and hint for an ID that does not exist. @default - the problem's own
 * @throws CommandFailure if the response is a problem
 */
export async function callApiOrFail(
  connection: Pick<Connection, 'deployment' | 'region' | 'credentials'>,
  call: ApiCall,
  signal: AbortSignal,
  missing?: readonly [message: string, hint: string],
): Promise<unknown> {
  const response = await callApi(connection, call, signal);
  if (missing !== undefined && response.kind === 'problem' && response.problem.code === 'not_found')
    throw new CommandFailure('notFound', ...missing);
  return bodyOf(response);
}

/**
 * Returns the body of a response.
 *
 * @throws CommandFailure if the response is a problem
 */
export function bodyOf(response: ApiResponse): unknown {
  if (response.kind === 'success') return response.body;
  throw failureOfProblem(response.problem);
}

/** The members of a problem document (RFC 9457) that commands use. docs/protocol.md lists the codes. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly code: string;
  /** The invalid part of the request. */
  readonly field?: string;
  /** The invalid file's position, starting at 1, if there are several files. */
  readonly position?: number;
  /** When the link was redeemed, if that is the problem: RFC 3339 in UTC. */
  readonly redeemedAt?: string;
  /** The limit that was reached. */
  readonly limit?: string;
  /** How long to wait, in seconds. */
  readonly retryAfter?: number;
}

const Document = z.object({
  title: z.string().max(200),
  code: z.string().regex(/^[a-z_]{1,60}$/),
  field: z.string().max(60).exactOptional(),
  position: z.number().exactOptional(),
  redeemedAt: z.iso.datetime().exactOptional(),
  limit: z
    .string()
    .regex(/^[a-z_]{1,60}$/)
    .exactOptional(),
});

/** Reads a problem. For any other error response, such as one from a proxy, returns a problem that names the status. */
export function readProblem(status: number, body: unknown, retryAfter?: number): Problem {
  const read = Document.safeParse(body);
  return read.success
    ? { status, ...read.data, ...(retryAfter !== undefined && { retryAfter }) }
    : { status, title: `The API responded with HTTP status ${status}`, code: 'no_problem_document' };
}

/** Hints for some problem codes. */
const HINTS: Readonly<Record<string, string>> = {
  access_denied:
    'Your role needs execute-api:Invoke on this path of the API. If the API does not have this path, an older version is deployed, or the deploy option for it is off.',
  invalid_signature: "Check this computer's clock.",
  expired_credentials: 'Sign in again.',
  asset_not_found: '"tvm assets" lists the offered files.',
  upload_too_large: 'The deploy option uploadMaxBytes sets the limit.',
  type_not_allowed:
    'Specify the type with --type (or --types). The deploy option uploadTypes lists the accepted types.',
  upload_incomplete: 'Run "tvm upload" again with the same file: it sends what is missing.',
  upload_ended: 'Run "tvm upload" again to open another session.',
  not_published: '"tvm uploads show" shows what the upload is waiting for.',
};

/** Hints for invalid options, by the API field that a problem names. */
const EXPLANATIONS: Readonly<Record<string, string>> = {
  assets:
    'One link takes 2 to 20 different files, if the deploy option collections is on. A file that is tagged for watermarks needs a link of its own.',
  allowedCidrs: '--cidr can be repeated up to 16 times.',
  for: '--for takes one line of 1 to 200 characters.',
  to: '--to takes one address, such as ann@example.org.',
  types: '--types takes media types or file extensions, such as application/pdf or pdf.',
  expiresIn:
    'A link can expire 5 minutes to 60 days from now, but no later than 400 days after it was issued.',
  recipient: '--to takes one address, such as ann@example.org.',
  notify: '--notify takes one address, such as me@example.org.',
  note: '--note takes one line of 1 to 200 characters.',
  fileName: '--name takes up to 255 bytes without slashes, control characters, or spaces at the ends.',
  type: '--type takes a media type in lower case without parameters, such as text/csv.',
  recipientName: 'The name column takes one line of up to 100 characters.',
  message: 'The note column takes one line of up to 500 characters.',
  watermark: '--watermark, and files that are tagged for watermarks, need the deploy option watermarks.',
  watermarkName: '--watermark-name takes one line of up to 100 characters.',
  secondChance: '--second-chance and --no-second-chance need the deploy option secondChance.',
  presenceCode:
    '--presence-code needs the deploy option presenceCode, and, for several files, --delivery zip.',
  delivery: '--delivery proxy needs a reverse proxy, and --delivery zip needs several files.',
  'Idempotency-Key': '--idempotency-key takes 1 to 255 visible ASCII characters, without spaces.',
};

/** The deploy options that set a limit, by the name of the limit. */
const LIMITS: Readonly<Record<string, string>> = {
  open_uploads: 'openUploadLimit',
  upload_bytes: 'uploadBytesPerDay',
};

/** Returns whether a daily limit was reached. It is checked before anything happens, so nothing was done. */
export function isOverDailyLimit({ status, retryAfter = 0 }: Problem): boolean {
  return (status === 429 || status === 503) && retryAfter > LONGEST_RETRY_AFTER;
}

/** Returns a space and a sentence that names the deploy options for the limit, or an empty string. */
function limitHint(problem: Problem): string {
  const { limit } = problem;
  if (limit !== undefined)
    return LIMITS[limit] === undefined ? '' : ` See the deploy option ${LIMITS[limit]}.`;
  return isOverDailyLimit(problem)
    ? ' See the deploy options callerMailLimitPerDay and programMailLimitPerDay.'
    : '';
}

const CREDENTIAL_CODES: ReadonlySet<string> = new Set([
  'access_denied',
  'invalid_signature',
  'expired_credentials',
]);

/** Turns a problem into a failure that shows its title, its code, and the invalid field or the limit. */
export function failureOfProblem(problem: Problem): CommandFailure {
  const { status, title, code, field, position, limit, retryAfter } = problem;
  const detail = position === undefined ? (field ?? limit) : `${field} ${position}`;
  const message = `${title} (${[code, ...(detail === undefined ? [] : [detail])].join(': ')}).`;
  const hint = HINTS[code] ?? EXPLANATIONS[field ?? ''];
  if (status === 429 || status >= 500) {
    const when = retryAfter === undefined ? 'later' : `in about ${durationText(retryAfter)}`;
    return new CommandFailure(
      'unreachable',
      message,
      `Run the command again ${when}. Nothing is done twice.${limitHint(problem)}`,
    );
  }
  if (CREDENTIAL_CODES.has(code)) return new CommandFailure('unreachable', message, hint);
  if (status === 404) return new CommandFailure('notFound', message, hint);
  return new CommandFailure(status === 400 ? 'usage' : 'no', message, hint);
}

/** Returns the parsed body, or `undefined` if it is empty or not JSON. */
async function readBody(response: Response): Promise<unknown> {
  return parseJson(await response.text());
}

/** Returns the pause before the next attempt: backoff with jitter, or a longer `Retry-After`, up to ten seconds. */
function pauseMs(attempt: number, retryAfter = 0): number {
  const own = FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random());
  return Math.min(Math.max(retryAfter * 1000, own), LONGEST_PAUSE_MS);
}

const secondsOf = (header: string | null): number | undefined =>
  /^\d{1,6}$/.test(header ?? '') ? Number(header) : undefined;

/** `fetch` throws a TypeError with a cause if the connection fails, and a TimeoutError if no response arrives. */
function isNetworkError(error: unknown): boolean {
  if (!isNativeError(error)) return false;
  return error.name === 'TimeoutError' || (error.name === 'TypeError' && error.cause !== undefined);
}
