import type { ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { HttpResponse } from './gateway-responses.ts';
import type { StreamedResponse } from './streamed-response.ts';

const hasNoBody = (status: number): boolean => status === 204 || status === 304;

/** Writes a complete response. */
export function writeResponse(response: ServerResponse, { status, headers, body }: HttpResponse): void {
  const length = hasNoBody(status) ? [] : ['Content-Length', String(body.length)];
  response.writeHead(status, [...headers.flat(), ...length]);
  response.end(hasNoBody(status) || response.req.method === 'HEAD' ? undefined : body);
}

/**
 * Writes a response while the function produces it. The status and headers are sent immediately. Each chunk is sent
 * once the operating system has taken the previous one. If the stream fails or does not match its Content-Length, the
 * connection is reset, so the client notices that the response is incomplete.
 *
 * @param clientGone aborted when the connection closes
 */
export async function streamResponse(
  response: ServerResponse,
  { status, headers, stream }: StreamedResponse,
  clientGone: AbortSignal,
): Promise<void> {
  const passed = hasNoBody(status)
    ? headers.filter(([name]) => name.toLowerCase() !== 'content-length')
    : headers;
  response.strictContentLength = true;
  response.writeHead(status, passed.flat());
  response.flushHeaders();
  // A high-water mark of one byte makes the pipeline wait after each chunk.
  const socket = new Writable({
    highWaterMark: 1,
    write: (chunk: Buffer, _encoding, done) => {
      try {
        response.write(chunk, done);
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
    final: (done) => {
      response.end(done);
    },
  });
  try {
    await pipeline(stream, socket, { signal: clientGone });
  } catch {
    // The client notices the broken connection. If the function failed, the function's log contains the error.
    response.destroy();
  }
}
