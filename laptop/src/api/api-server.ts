import type { IncomingMessage, ServerResponse } from 'node:http';
import { type RunningService, readSmallBody, startLoopbackServer } from '../loopback-server.ts';
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
  const ready = Promise.withResolvers<StageServer | undefined>();
  const options = { port, maxHeaderSize: MAX_HEADER_BYTES, graceMs: GRACE_MS };
  const service = await startLoopbackServer(options, async (request, response) => {
    const stage = await ready.promise;
    if (stage === undefined) response.destroy();
    else await respond(request, response, stage);
  });
  return {
    url: service.url,
    serve: ready.resolve,
    close: () => {
      // Ends the requests that are still waiting for local mode to become ready.
      ready.resolve(undefined);
      return service.close();
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
  const body = await readSmallBody(request, response, MAX_BODY_BYTES);
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

function headerPairs(rawHeaders: readonly string[]): readonly (readonly [string, string])[] {
  return rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ''] as const] : [],
  );
}
