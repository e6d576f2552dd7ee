import { z } from 'zod';
import { parseJson } from '../parse-json.ts';
import type { HttpResponse } from './gateway-responses.ts';
import { isBinary } from './media-types.ts';
import { responseHeaders, statusAndHeaders } from './response-headers.ts';
import { readStreamedPayload } from './stream-metadata.ts';

const ProxyResponse = z.strictObject({
  ...statusAndHeaders,
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/**
 * Reads a function's response as a Lambda proxy integration does.
 *
 * @param accept the caller's `Accept` header. A base64 body is decoded only if the first media type in this header is
 *   binary
 * @returns undefined for a malformed proxy response, for which API Gateway returns 502
 */
export function readProxyResponse(
  payload: string,
  {
    accept,
    binaryMediaTypes,
  }: { readonly accept: string | undefined; readonly binaryMediaTypes: readonly string[] },
): HttpResponse | undefined {
  const streamed = readStreamedPayload(payload);
  if (streamed !== undefined) return { ...streamed, body: Buffer.alloc(0) };
  const parsed = ProxyResponse.safeParse(parseJson(payload));
  if (!parsed.success) return undefined;
  const { body, isBase64Encoded, statusCode, ...named } = parsed.data;
  const headers = responseHeaders(named);
  if (headers === undefined) return undefined;
  const decoded = isBase64Encoded === true && isBinary(accept?.split(',')[0], binaryMediaTypes);
  return { status: statusCode, headers, body: Buffer.from(body ?? '', decoded ? 'base64' : 'utf8') };
}
