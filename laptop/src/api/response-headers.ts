import { validateHeaderName, validateHeaderValue } from 'node:http';
import { z } from 'zod';

/** Headers in the order in which they are written. A name can occur more than once. */
export type Headers = readonly (readonly [name: string, value: string])[];

const headerValue = z.union([z.string(), z.boolean()]).transform(String);

/** Schemas for the status and headers of a function's response, streamed or not. */
export const statusAndHeaders = {
  statusCode: z.coerce.number().int().min(100).max(599).default(200),
  headers: z.record(z.string(), headerValue).nullish(),
  multiValueHeaders: z.record(z.string(), z.array(headerValue)).nullish(),
};

/** Headers that only the gateway is allowed to set. If a function returns one, the gateway renames it. */
const REMAPPED: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'date',
  'server',
  'www-authenticate',
]);

/**
 * Builds the response headers from the headers that a function returned. If a header is in both maps,
 * `multiValueHeaders` wins. `Transfer-Encoding` is dropped, and `Content-Type` defaults to JSON.
 *
 * @param kept lowercase names of headers that are not renamed in this response
 * @returns undefined if a header is invalid
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
 */
export function responseHeaders(
  {
    headers,
    multiValueHeaders,
  }: Pick<z.output<z.ZodObject<typeof statusAndHeaders>>, 'headers' | 'multiValueHeaders'>,
  kept: ReadonlySet<string> = new Set(),
): Headers | undefined {
  const listed = new Set(Object.keys(multiValueHeaders ?? {}).map((name) => name.toLowerCase()));
  const merged = [
    ...Object.entries(headers ?? {}).filter(([name]) => !listed.has(name.toLowerCase())),
    ...Object.entries(multiValueHeaders ?? {}).flatMap(([name, values]) =>
      values.map((value) => [name, value] as const),
    ),
  ];
  if (!merged.every(isWritable)) return undefined;
  const named = merged
    .filter(([name]) => name.toLowerCase() !== 'transfer-encoding')
    .map(([name, value]) => {
      const lower = name.toLowerCase();
      return [REMAPPED.has(lower) && !kept.has(lower) ? `x-amzn-Remapped-${name}` : name, value] as const;
    });
  const typed = named.some(([name]) => name.toLowerCase() === 'content-type');
  return typed ? named : [...named, ['Content-Type', 'application/json']];
}

/** Returns whether a header's name and value are valid in HTTP. */
export function isWritable([name, value]: readonly [string, string]): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}
