import { z } from 'zod';
import { parseJson } from '../parse-json.ts';
import { type Headers, isWritable, responseHeaders, statusAndHeaders } from './response-headers.ts';

/** The part of a streamed response before the body. */
export interface StreamHead {
  readonly status: number;
  readonly headers: Headers;
}

/** The delimiter between metadata and body: NUL bytes, which JSON cannot contain. */
export const DELIMITER: Buffer = Buffer.alloc(8);

const Metadata = z.strictObject({ ...statusAndHeaders, cookies: z.array(z.string()).nullish() });

/** Headers that are not renamed. A Content-Length lets clients show progress. Without it, the body is chunked. */
const KEPT: ReadonlySet<string> = new Set(['content-length']);

/**
 * Reads the metadata of a streamed response.
 *
 * @param json the bytes before the delimiter
 * @returns undefined for invalid metadata
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
 */
export function readStreamMetadata(json: string): StreamHead | undefined {
  const head = readMetadata(json, KEPT);
  const lengths = head?.headers.filter(([name]) => name.toLowerCase() === 'content-length') ?? [];
  return lengths.length <= 1 && lengths.every(([, value]) => /^\d+$/.test(value)) ? head : undefined;
}

/**
 * Reads a streamed response for an integration that does not stream. API Gateway forwards the status and headers, but
 * not the body.
 *
 * @returns undefined if the response was not streamed or has invalid metadata
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
  const headers = responseHeaders(named, kept);
  return headers !== undefined && set.every(isWritable)
    ? { status: statusCode, headers: [...headers, ...set] }
    : undefined;
}
