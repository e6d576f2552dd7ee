import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How an embedded service is reached, by whoever has the key. */
export interface BackDoor {
  readonly host: string;
  readonly port: number;
  /** Headers of every request to it. */
  readonly key: Readonly<Record<string, string>>;
}

const KEY_HEADER = 'x-laptop-key';

/**
 * Makes a service that already listens answer 403 to everyone without a key that is made here. It has a port of its
 * own beside that of its front, verifies no signature and asks no IAM there: any program, or any web page whose name
 * leads to 127.0.0.1, could find it by trying ports.
 */
export function lockBackDoor(server: Server): BackDoor {
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
