import type { IncomingHttpHeaders, RequestListener, Server } from 'node:http';
import inject, { type InjectOptions, type Response } from 'light-my-request';
import type { AwsError } from '../sigv4/signature-failure.ts';
import { jsonObject } from './json-protocol.ts';

/** A request to an embedded service. */
export interface OnwardRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The complete response of an embedded service. */
export type UpstreamResponse = Pick<Response, 'statusCode' | 'headers' | 'rawPayload'>;

/** Sends a request to an embedded service. */
export type Upstream = (request: OnwardRequest) => Promise<UpstreamResponse>;

/** An embedded service. It does not listen on a port, because callers could then bypass signatures and permissions. */
export interface Emulator {
  readonly send: Upstream;
  /** Ends requests that are waiting, such as long polls. */
  endWaits?(): Promise<void>;
  /** Closes the service. Call it when no requests are in progress. */
  close(): Promise<void>;
}

/** Returns a function that sends requests to a server's handler. The server does not have to listen. */
export function inside(server: Server): Upstream {
  const [serve] = server.listeners('request') as RequestListener[];
  if (serve === undefined) throw new Error('The server has no request handler.');
  server.removeAllListeners('request');
  return ({ method, path, headers, body }) =>
    inject(serve, {
      method: method as NonNullable<InjectOptions['method']>,
      url: path,
      headers,
      payload: body,
    });
}

/** Calls an embedded service. Resolves to undefined if it responds with an error. */
export async function callEmulator(
  send: Upstream,
  target: string,
  input: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { statusCode, rawPayload } = await send(jsonRequest(target, input));
  return statusCode === 200 ? jsonObject(rawPayload) : undefined;
}

/**
 * Creates a response in the AWS JSON protocol. Unlike dynalite's responses, it has no checksum, because clients do
 * not need one.
 */
export const jsonResponse = (statusCode: number, output: object): UpstreamResponse => ({
  statusCode,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  rawPayload: Buffer.from(JSON.stringify(output)),
});

/** Creates an error in the AWS JSON protocol: status 400 and the error's name. */
export const jsonError = ({ code, message }: AwsError): UpstreamResponse =>
  jsonResponse(400, { __type: code, message });

/** Creates a request that local mode sends to an embedded service. */
export const jsonRequest = (target: string, input: string): OnwardRequest => ({
  method: 'POST',
  path: '/',
  headers: {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': target,
    // dynalite requires a signature, but does not verify it.
    'x-amz-date': '20260101T000000Z',
    authorization: 'AWS4-HMAC-SHA256 Credential=proxy, SignedHeaders=host, Signature=none',
  },
  body: Buffer.from(input),
});
