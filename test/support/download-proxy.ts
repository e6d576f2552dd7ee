import { type IncomingMessage, request as send } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type RunningService, startLoopbackServer } from '../../laptop/src/loopback-server.ts';

/** A reverse proxy in front of the bucket, as `downloadHost` requires. */
export interface DownloadProxy extends RunningService {
  /** The proxy's host and port. The host is another name for this machine. */
  readonly host: string;
  /** Forwards all further requests to this origin. */
  passTo(upstream: string): void;
}

/** Starts a proxy that keeps the path and the query, and replaces `Host` with the upstream's. */
export async function startDownloadProxy(): Promise<DownloadProxy> {
  let upstream = new URL('http://127.0.0.1');
  const proxy = await startLoopbackServer({ port: 0 }, async (incoming, outgoing) => {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const { method, url: path, headers } = incoming;
      const { hostname, port, host } = upstream;
      send({ hostname, port, method, path, headers: { ...headers, host } }, resolve)
        .on('error', reject)
        .end();
    });
    outgoing.writeHead(response.statusCode ?? 502, response.headers);
    await pipeline(response, outgoing);
  });
  return {
    ...proxy,
    host: `download.localhost:${new URL(proxy.url).port}`,
    passTo: (origin) => {
      upstream = new URL(origin);
    },
  };
}
