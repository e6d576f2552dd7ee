import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A running service. */
export interface RunningService {
  /** Without a trailing slash, such as `http://127.0.0.1:9000`. */
  readonly url: string;
  /** Cuts all connections, and resolves once all request handlers have ended. */
  close(): Promise<void>;
}

/** Answers one request. An error that it throws is a defect, which is printed and answered with 500. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Starts an HTTP server on a loopback address.
 *
 * A request with `Expect: 100-continue` reaches the handler before its body is sent, so that it can be refused unread.
 * Call {@link invitesBody} to get the body.
 *
 * @param port 0 for any free port
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
        // Otherwise, the unread rest of the body would precede the next request on this connection.
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
 * Keeps idle connections open. By default, Node closes them after five seconds, and a client on a busy machine loses a
 * request that it sends at that moment.
 */
export function keepConnections(server: Server): void {
  server.keepAliveTimeout = 0;
}

/** Tells a client to send the body, if it waits for that. */
export function invitesBody(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
}

/**
 * Reads a small body into memory.
 *
 * @returns undefined if it is longer than `limit` bytes
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
    // Read to the end anyway: otherwise, the connection is reset before the client sees an answer.
    if (length <= limit) parts.push(part);
  }
  return length <= limit ? Buffer.concat(parts) : undefined;
}

/** The codes of errors of a client that disconnects, which are not defects. */
const CLIENT_GONE: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE']);

function answerDefect(error: unknown, response: ServerResponse): void {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (!CLIENT_GONE.has(code)) console.error(error);
  if (response.headersSent) response.destroy();
  else response.writeHead(500).end();
}
