import { z } from 'zod';
import { answerHeaders, type Headers, isWritable, parseJson, statusAndHeaders } from './answer-headers.ts';

/** What stands before the body in a streamed answer. */
export interface StreamHead {
  readonly status: number;
  readonly headers: Headers;
}

/** Between the metadata and the body: NUL bytes, which JSON cannot hold. */
export const DELIMITER: Buffer = Buffer.alloc(8);

const Metadata = z.strictObject({ ...statusAndHeaders, cookies: z.array(z.string()).nullish() });

/** A length that the function names is passed on, so that a client can show progress; else there are chunks. */
const KEPT: ReadonlySet<string> = new Set(['content-length']);

/**
 * Reads the metadata of an answer that is streamed.
 *
 * @param json what stands before the delimiter
 * @returns undefined for what API Gateway does not understand
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
 */
export function readStreamMetadata(json: string): StreamHead | undefined {
  const head = readMetadata(json, KEPT);
  const lengths = head?.headers.filter(([name]) => name.toLowerCase() === 'content-length') ?? [];
  return lengths.length <= 1 && lengths.every(([, value]) => /^\d+$/.test(value)) ? head : undefined;
}

/**
 * Reads what a function streamed to an integration that does not stream: it passes on status and headers, and no body.
 *
 * @returns undefined for what was not streamed, or has no valid metadata
 */
export function readStreamedPayload(payload: string): StreamHead | undefined {
  const end = payload.indexOf(DELIMITER.toString('utf8'));
  return end === -1 ? undefined : readMetadata(payload.slice(0, end));
}

function readMetadata(json: string, kept?: ReadonlySet<string>): StreamHead | undefined {
  const parsed = Metadata.safeParse(parseJson(json));
  if (!parsed.success) return undefined;
  const { statusCode, cookies, ...named } = parsed.data;
  const set = (cookies ?? []).map((cookie) => ['Set-Cookie', cookie] as const);
  const headers = answerHeaders(named, kept);
  return headers !== undefined && set.every(isWritable)
    ? { status: statusCode, headers: [...headers, ...set] }
    : undefined;
}
