import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Tells where an embedded service listens, and the key that it asks for. */
export interface LockedUpstream {
  readonly host: string;
  readonly port: number;
  /** Headers of every request to it. */
  readonly key: Readonly<Record<string, string>>;
}

const KEY_HEADER = 'x-laptop-key';

/**
 * Makes a listening service answer 403 unless a request carries a new random key. The service has its own port besides
 * the proxy's, and checks neither signatures nor rights there. Without the lock, any program could find that port by
 * scanning, and so could any web page whose domain resolves to 127.0.0.1.
 */
export function lockUpstream(server: Server): LockedUpstream {
  const key = randomBytes(32).toString('base64url');
  const listeners = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (request.headers[KEY_HEADER] !== key) response.writeHead(403, { connection: 'close' }).end();
    else for (const listener of listeners) listener.call(server, request, response);
  });
  const { address, port } = server.address() as AddressInfo;
  return { host: address, port, key: { [KEY_HEADER]: key } };
}
