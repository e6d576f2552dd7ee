import type { ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { HttpAnswer } from './gateway-responses.ts';
import type { StreamedAnswer } from './streamed-answer.ts';

const hasNoBody = (status: number): boolean => status === 204 || status === 304;

/** Writes an answer that is there as a whole. */
export function writeAnswer(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  const length = hasNoBody(status) ? [] : ['Content-Length', String(body.length)];
  response.writeHead(status, [...headers.flat(), ...length]);
  response.end(hasNoBody(status) || response.req.method === 'HEAD' ? undefined : body);
}

/**
 * Writes an answer while it is made: status and headers at once, then one chunk after the other, each asked for when
 * the operating system has taken the one before. A stream that fails, is longer or shorter than its Content-Length
 * says, or whose client leaves breaks the connection, so that a client can tell a part from the whole.
 *
 * @param clientGone aborted when the connection closes
 */
export async function streamAnswer(
  response: ServerResponse,
  { status, headers, stream }: StreamedAnswer,
  clientGone: AbortSignal,
): Promise<void> {
  const passed = hasNoBody(status)
    ? headers.filter(([name]) => name.toLowerCase() !== 'content-length')
    : headers;
  response.strictContentLength = true;
  response.writeHead(status, passed.flat());
  response.flushHeaders();
  // Full after any byte, so that the pipeline waits for every single chunk.
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
    // The client is told by the connection, and the operator by the function's log.
    response.destroy();
  }
}
