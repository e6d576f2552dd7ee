import { validateHeaderName, validateHeaderValue } from 'node:http';
import { z } from 'zod';
import type { HttpAnswer } from './gateway-responses.ts';
import { isBinary } from './media-types.ts';

const headerValue = z.union([z.string(), z.boolean()]).transform(String);

const Answer = z.strictObject({
  statusCode: z.coerce.number().int().min(100).max(599).default(200),
  headers: z.record(z.string(), headerValue).nullish(),
  multiValueHeaders: z.record(z.string(), z.array(headerValue)).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** Headers that are the gateway's own; a function's are renamed. */
const REMAPPED: ReadonlySet<string> = new Set(['connection', 'content-length', 'date', 'server']);

/**
 * Reads what a function answered as a Lambda proxy integration does.
 *
 * @param accept the first media type that the caller accepts: it decides whether base64 is decoded
 * @returns undefined for a malformed proxy response, which API Gateway answers with 502
 */
export function readProxyAnswer(
  payload: string,
  {
    accept,
    binaryMediaTypes,
  }: { readonly accept: string | undefined; readonly binaryMediaTypes: readonly string[] },
): HttpAnswer | undefined {
  const parsed = Answer.safeParse(JSON.parse(payload));
  if (!parsed.success) return undefined;
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = parsed.data;
  const merged = mergeHeaders(headers ?? {}, multiValueHeaders ?? {});
  if (!merged.every(isWritable)) return undefined;
  const decoded = isBase64Encoded === true && isBinary(accept?.split(',')[0], binaryMediaTypes);
  return {
    status: statusCode,
    headers: merged.some(([name]) => name.toLowerCase() === 'content-type')
      ? merged
      : [...merged, ['Content-Type', 'application/json']],
    body: Buffer.from(body ?? '', decoded ? 'base64' : 'utf8'),
  };
}

type Headers = readonly (readonly [string, string])[];

/** Where both name a header, the list of `multiValueHeaders` is what counts. */
function mergeHeaders(
  headers: Readonly<Record<string, string>>,
  multiValueHeaders: Readonly<Record<string, readonly string[]>>,
): Headers {
  const listed = new Set(Object.keys(multiValueHeaders).map((name) => name.toLowerCase()));
  return [
    ...Object.entries(headers).filter(([name]) => !listed.has(name.toLowerCase())),
    ...Object.entries(multiValueHeaders).flatMap(([name, values]) =>
      values.map((value) => [name, value] as const),
    ),
  ]
    .filter(([name]) => name.toLowerCase() !== 'transfer-encoding')
    .map(([name, value]) => [REMAPPED.has(name.toLowerCase()) ? `x-amzn-Remapped-${name}` : name, value]);
}

function isWritable([name, value]: readonly [string, string]): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}
