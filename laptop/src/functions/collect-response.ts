import type { ResponseBody } from './response-body.ts';

/**
 * Reads a streamed response into memory.
 *
 * @param maxBytes limit at which reading stops and the body is destroyed
 * @returns the bytes up to whichever comes first: the end, a failure, or the limit
 */
export async function collectResponse(body: ResponseBody, maxBytes: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const part of body as AsyncIterable<Buffer>) {
      parts.push(part);
      bytes += part.length;
      if (bytes > maxBytes) break;
    }
  } catch {
    // The outcome of the invocation contains the reason.
  }
  return Buffer.concat(parts).subarray(0, maxBytes);
}
