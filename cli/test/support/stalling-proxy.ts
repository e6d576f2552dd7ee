import { request as send } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type RunningService, startLoopbackServer } from '../../../laptop/src/loopback-server.ts';

/**
 * Starts a proxy that forwards everything except uploads, which it never answers. The proxy calls `uploading` when the
 * first upload arrives, before it reads any of the upload's bytes.
 */
export async function startStallingProxy(upstream: string, uploading: () => void): Promise<RunningService> {
  const { hostname, port } = new URL(upstream);
  let notify: (() => void) | undefined = uploading;
  return startLoopbackServer({ port: 0 }, async (request, response) => {
    const { method, url: path, headers } = request;
    if (method === 'PUT') {
      notify?.();
      notify = undefined;
      return;
    }
    const onward = send({ hostname, port, method, path, headers }, (received) => {
      response.writeHead(received.statusCode ?? 502, received.headers);
      received.pipe(response);
    });
    await pipeline(request, onward);
  });
}
