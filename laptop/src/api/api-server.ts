import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { keepConnections, type RunningService } from '../loopback-server.ts';
import { isOwnHost } from '../own-host.ts';
import { rawRequestOf } from '../sigv4/raw-request.ts';
import type { Gateway } from './gateway.ts';
import type { HttpResponse } from './gateway-responses.ts';
import { streamResponse, writeResponse } from './write-response.ts';

interface StageServer {
  readonly stageName: string;
  readonly gateway: Gateway;
}

/** The API's server. It queues requests that arrive before `serve` is called. */
export interface ApiServer extends RunningService {
  serve(stage: StageServer): void;
}

/** Maximum size of a request body in bytes (API Gateway quotas, "Payload size"). */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** Maximum size of the request line and headers in bytes (API Gateway quotas). */
const MAX_HEADER_BYTES = 10_240;

/** Grace period for requests in progress when local mode stops, in milliseconds. */
const GRACE_MS = 1500;

/**
 * Starts the API's server on 127.0.0.1. It listens before the functions start, because they need its URL.
 *
 * @param port 0 for any free port
 * @throws if the port is taken
 */
export async function startApiServer(port: number): Promise<ApiServer> {
  const ready = Promise.withResolvers<StageServer>();
  ready.promise.catch(() => undefined);
  const running = new Set<Promise<void>>();
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
    const work = ready.promise
      .then((stage) => respond(request, response, stage))
      .catch((error: unknown) => {
        if (error !== STOPPED && !response.destroyed && !request.destroyed) console.error(error);
        response.destroy();
      })
      .finally(() => running.delete(work));
    running.add(work);
  });
  keepConnections(server);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve: ready.resolve,
    close: async () => {
      // Fails the requests that are still waiting for local mode to become ready.
      ready.reject(STOPPED);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const timer = setTimeout(() => server.closeAllConnections(), GRACE_MS);
      await Promise.all(running);
      server.closeAllConnections();
      clearTimeout(timer);
      await closed;
    },
  };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  { stageName, gateway }: StageServer,
): Promise<void> {
  const clientGone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) clientGone.abort();
  });
  const body = await readBody(request);
  const raw = rawRequestOf(request);
  const mark = raw.target.indexOf('?');
  const path = mark === -1 ? raw.target : raw.target.slice(0, mark);
  // Prevents DNS rebinding: a site whose name resolves to 127.0.0.1 would otherwise share the API's origin.
  if (!isOwnHost(request.headers.host, request.socket.localPort)) return writeResponse(response, FORBIDDEN);
  if (path === '/') return writeResponse(response, redirect(`/${stageName}/`));
  if (path !== `/${stageName}` && !path.startsWith(`/${stageName}/`))
    return writeResponse(response, FORBIDDEN);
  const reply = await gateway({
    raw,
    path: path.slice(stageName.length + 1),
    query: mark === -1 ? undefined : raw.target.slice(mark + 1),
    headers: headerPairs(request.rawHeaders),
    body,
    clientGone: clientGone.signal,
    sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
    port: request.socket.localPort ?? 0,
  });
  if ('stream' in reply) return streamResponse(response, reply, clientGone.signal);
  writeResponse(response, reply);
}

const STOPPED = new Error('Local mode stopped before it was ready');

/** API Gateway's response to a request with an unknown host or stage. */
const FORBIDDEN: HttpResponse = {
  status: 403,
  headers: [['Content-Type', 'application/json']],
  body: Buffer.from('{"message":"Forbidden"}'),
};

/** Redirects `/` to the stage, for users who enter only the host and port. API Gateway does not do this. */
const redirect = (location: string): HttpResponse => ({
  status: 302,
  headers: [['Location', location]],
  body: Buffer.alloc(0),
});

/**
 * Reads a body to its end even if it is too long, because a client reads the response only after it has sent the whole
 * body.
 */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length <= MAX_BODY_BYTES) parts.push(part);
  }
  return length > MAX_BODY_BYTES ? undefined : Buffer.concat(parts);
}

function headerPairs(rawHeaders: readonly string[]): readonly (readonly [string, string])[] {
  return rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ''] as const] : [],
  );
}
