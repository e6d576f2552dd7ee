import { type IncomingMessage, request as send } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type RunningService, startLoopbackServer } from '../../laptop/src/loopback-server.ts';

/** A reverse proxy in front of the bucket, as `downloadHost` needs one. */
export interface DownloadProxy extends RunningService {
  /** The host and port by which it is reached: another name for this machine. */
  readonly host: string;
  /** Sends requests on to this origin from now on. */
  passTo(upstream: string): void;
}

/** Starts a proxy that leaves path and query as they are, and sends the upstream's `Host`. */
export async function startDownloadProxy(): Promise<DownloadProxy> {
  let upstream = new URL('http://127.0.0.1');
  const proxy = await startLoopbackServer({ port: 0 }, async (incoming, outgoing) => {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const { method, url: path, headers } = incoming;
      const { hostname, port, host } = upstream;
      send({ hostname, port, method, path, headers: { ...headers, host } }, resolve)
        .on('error', reject)
        .end();
    });
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    await pipeline(answer, outgoing);
  });
  return {
    ...proxy,
    host: `download.localhost:${new URL(proxy.url).port}`,
    passTo: (origin) => {
      upstream = new URL(origin);
    },
  };
}
