import { type IncomingMessage, request as send } from 'node:http';
import { type RunningService, startLoopbackServer } from '../../laptop/src/loopback-server.ts';

/**
 * The fate of one call: forwarded; applied, but with its response lost or truncated; not applied; answered with an
 * error; or left hanging.
 */
type Fate =
  | { readonly fate: 'pass' }
  | { readonly fate: 'lose-response' }
  | { readonly fate: 'cut-response'; readonly afterBytes: number }
  | { readonly fate: 'lose-request' }
  | { readonly fate: 'hang' }
  | { readonly fate: 'answer'; readonly status: number; readonly body: string };

/** Decides the fate of a call by its `X-Amz-Target` (empty for S3 and the query protocols). */
export type Decide = (target: string, request: IncomingMessage) => Fate;

/**
 * Starts a proxy that injects network faults in front of an embedded service.
 *
 * @param upstream the URL of the service, or a function that returns it if the service starts later
 */
export async function startFaultProxy(
  upstream: string | (() => string),
  decide: Decide,
): Promise<RunningService> {
  return startLoopbackServer({ port: 0 }, async (request, response) => {
    const body = await bytesOf(request);
    const target = request.headers['x-amz-target'];
    const decision = decide(typeof target === 'string' ? target : '', request);
    if (decision.fate === 'hang') return;
    if (decision.fate === 'lose-request') {
      request.socket.destroy();
      return;
    }
    if (decision.fate === 'answer') {
      response.writeHead(decision.status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(decision.body);
      return;
    }
    const reply = await pass(typeof upstream === 'string' ? upstream : upstream(), request, body);
    if (decision.fate === 'lose-response') {
      request.socket.destroy();
      return;
    }
    response.writeHead(reply.status, reply.headers);
    if (decision.fate === 'cut-response') {
      response.flushHeaders();
      response.write(reply.body.subarray(0, decision.afterBytes), () => request.socket.destroySoon());
      return;
    }
    response.end(reply.body);
  });
}

async function bytesOf(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function pass(upstream: string, request: IncomingMessage, body: Buffer) {
  const { hostname, port } = new URL(upstream);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const onward = send(
      { hostname, port, method: request.method, path: request.url, headers: request.headers },
      resolve,
    );
    onward.on('error', reject);
    onward.end(body);
  });
  return { status: response.statusCode ?? 502, headers: response.headers, body: await bytesOf(response) };
}
