import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RunningService {
  /** URL without a trailing slash, such as `http://127.0.0.1:9000`. */
  readonly url: string;
  /** Closes all connections, and resolves once all request handlers have finished. */
  close(): Promise<void>;
}

export interface LoopbackOptions {
  /** 0 for any free port. */
  readonly port: number;
  /** Maximum size of the request line and headers in bytes. @default - Node's default */
  readonly maxHeaderSize?: number;
  /** Grace period for requests in progress when the server is closed, in milliseconds. @default - none */
  readonly graceMs?: number;
}

/**
 * Answers one request. If the handler throws while the client is still connected, that is a bug: the error is printed,
 * and the client gets 500, or a broken connection if the response has begun.
 */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Starts an HTTP server on 127.0.0.1.
 *
 * A request with `Expect: 100-continue` reaches the handler before its body is sent, so that the handler can reject it
 * without reading the body. Call {@link invitesBody} to receive the body.
 *
 * @throws if the port is taken
 */
export async function startLoopbackServer(
  { port, maxHeaderSize, graceMs = 0 }: LoopbackOptions,
  handle: RequestHandler,
): Promise<RunningService> {
  const running = new Set<Promise<void>>();
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const work = handle(request, response)
      .catch((error: unknown) => respondToDefect(error, response))
      .finally(() => {
        running.delete(work);
        // Discards the rest of the body, because the next request on this connection comes after it.
        request.resume();
      });
    running.add(work);
  };
  const server = createServer({ maxHeaderSize }, serve);
  // By default, Node closes idle connections after five seconds, and a request that is sent at that moment fails.
  server.keepAliveTimeout = 0;
  server.on('checkContinue', serve);
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    else socket.destroy();
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${bound}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      if (graceMs === 0) server.closeAllConnections();
      const timer = setTimeout(() => server.closeAllConnections(), graceMs);
      await Promise.allSettled(running);
      clearTimeout(timer);
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Sends 100 Continue to a client that waits for it before sending the body. */
export function invitesBody(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
}

/**
 * Reads a small body into memory.
 *
 * @returns undefined if the body is longer than `limit` bytes
 * @throws if the client disconnects before the end
 */
export async function readSmallBody(
  request: IncomingMessage,
  response: ServerResponse,
  limit: number,
): Promise<Buffer | undefined> {
  invitesBody(request, response);
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    // Read to the end even if the body is too long. Otherwise, the connection would be reset before the client reads
    // the response.
    if (length <= limit) parts.push(part);
  }
  return length <= limit ? Buffer.concat(parts) : undefined;
}

/** Codes of errors that occur when the client disconnects. They are not bugs. */
const CLIENT_GONE: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE']);

function respondToDefect(error: unknown, response: ServerResponse): void {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (!CLIENT_GONE.has(code)) console.error(error);
  if (response.headersSent) response.destroy();
  else response.writeHead(500).end();
}
