import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A running service. */
export interface RunningService {
  /** Without a trailing slash, such as `http://127.0.0.1:9000`. */
  readonly url: string;
  /** Cuts every connection, idle or not, and resolves once every request handler has come to its end. */
  close(): Promise<void>;
}

/** Answers one request. What it throws is a defect: it is printed and answered 500, without details. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Starts an HTTP server on a loopback address.
 *
 * A request with `Expect: 100-continue` reaches the handler before its body is asked for, so that it can be
 * refused unread; whoever wants the body calls {@link invitesBody}.
 *
 * @param port 0 for any free one
 * @throws if the port is taken
 */
export async function startLoopbackServer(
  { port, host = '127.0.0.1' }: { readonly port: number; readonly host?: string },
  handle: RequestHandler,
): Promise<RunningService> {
  const running = new Set<Promise<void>>();
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const work = handle(request, response)
      .catch((error: unknown) => answerDefect(error, response))
      .finally(() => {
        running.delete(work);
        // What the handler left of the body would otherwise stand before the next request on this connection.
        request.resume();
      });
    running.add(work);
  };
  const server = createServer(serve);
  keepConnections(server);
  server.on('checkContinue', serve);
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    else socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${bound}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      server.closeAllConnections();
      await closed;
      await Promise.allSettled(running);
    },
  };
}

/**
 * Keeps idle connections open. By default they are closed after five seconds, and a caller that is late, since the machine
 * is busy, loses the request that it sends just then.
 */
export function keepConnections(server: Server): void {
  server.keepAliveTimeout = 0;
}

/** Tells a client that waits for it to send the body; does nothing for one that does not wait. */
export function invitesBody(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
}

/**
 * Reads a small body whole.
 *
 * @returns undefined if it is longer than `limit` bytes
 * @throws if the client goes away half-way
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
    // Read to its end all the same: leaving early would reset the connection before the client sees an answer.
    if (length <= limit) parts.push(part);
  }
  return length <= limit ? Buffer.concat(parts) : undefined;
}

/** How it shows that the client went away half-way, which is no defect. */
const CLIENT_GONE: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE']);

function answerDefect(error: unknown, response: ServerResponse): void {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (!CLIENT_GONE.has(code)) console.error(error);
  if (response.headersSent) response.destroy();
  else response.writeHead(500).end();
}
