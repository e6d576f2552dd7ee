import type { IncomingHttpHeaders, RequestListener, Server } from 'node:http';
import inject, { type InjectOptions, type Response } from 'light-my-request';
import { jsonObject } from './json-protocol.ts';

/** A request to an embedded service. */
export interface OnwardRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The complete answer of an embedded service. */
export type UpstreamAnswer = Pick<Response, 'statusCode' | 'headers' | 'rawPayload'>;

/** Passes a request to an embedded service. */
export type Upstream = (request: OnwardRequest) => Promise<UpstreamAnswer>;

/** An embedded service. It has no port of its own, where nobody would check signatures and rights. */
export interface Emulator {
  readonly ask: Upstream;
  /** Ends requests that wait for something to happen, such as long polls. */
  endWaits?(): Promise<void>;
  /** Closes the service once nobody asks it anymore. */
  close(): Promise<void>;
}

/** Takes the requests of a server, which need not listen. */
export function inside(server: Server): Upstream {
  const [serve] = server.listeners('request') as RequestListener[];
  if (serve === undefined) throw new Error('The server serves nothing.');
  server.removeAllListeners('request');
  return ({ method, path, headers, body }) =>
    inject(serve, {
      method: method as NonNullable<InjectOptions['method']>,
      url: path,
      headers,
      payload: body,
    });
}

/** Calls an embedded service for local mode itself. Resolves to undefined if it refuses. */
export async function callEmulator(
  ask: Upstream,
  target: string,
  input: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { statusCode, rawPayload } = await ask(jsonRequest(target, input));
  return statusCode === 200 ? jsonObject(rawPayload) : undefined;
}

/** Answers in the AWS JSON protocol, without the checksum that dynalite sends. Clients do not need it. */
export const jsonAnswer = (statusCode: number, output: object): UpstreamAnswer => ({
  statusCode,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  rawPayload: Buffer.from(JSON.stringify(output)),
});

/** Creates a request of local mode itself. */
export const jsonRequest = (target: string, input: string): OnwardRequest => ({
  method: 'POST',
  path: '/',
  headers: {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': target,
    // dynalite wants a signature, and does not check it.
    'x-amz-date': '20260101T000000Z',
    authorization: 'AWS4-HMAC-SHA256 Credential=proxy, SignedHeaders=host, Signature=none',
  },
  body: Buffer.from(input),
});
