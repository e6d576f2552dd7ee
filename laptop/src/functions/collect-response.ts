import type { ResponseBody } from './response-body.ts';

/**
 * Reads a streamed response into memory.
 *
 * @param maxBytes where to stop reading; the body is destroyed then
 * @returns what was read: all of it, what there was before it failed, or the first `maxBytes`
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
    // Why it failed is told by whoever ran the function.
  }
  return Buffer.concat(parts).subarray(0, maxBytes);
}
