import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Laptop } from '../support/laptop.ts';
import type { ServerName } from './find-server.ts';

/** The reverse proxies that `run.ts` found, each with the path of its program. */
export const programs = Object.entries(JSON.parse(process.env.TVM_PROXIES ?? '{}')) as [ServerName, string][];

const MEGABYTE = 1_000_000;

export interface Sent {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

/**
 * Sends a request with any headers, including hop-by-hop headers, and returns the response before reading its body.
 *
 * @param ca the only certificate that is trusted
 */
export async function begin(
  ca: string,
  url: string,
  { method = 'GET', headers = {}, body }: Sent,
): Promise<IncomingMessage> {
  const open = url.startsWith('https:') ? httpsRequest : httpRequest;
  const request = open(url, { method, headers, agent: false, ca });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

export async function send(ca: string, url: string, sent: Sent) {
  const response = await begin(ca, url, sent);
  const parts: Buffer[] = [];
  for await (const part of response as AsyncIterable<Buffer>) parts.push(part);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(parts).toString() };
}

/** Returns the SHA-256 of a response's body without buffering the body. */
export async function digestOf(response: IncomingMessage): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of response as AsyncIterable<Buffer>) hash.update(part);
  return hash.digest('hex');
}

/** Offers a large file, and returns its SHA-256. */
export async function offerLarge(laptop: Laptop, name: string, megabytes: number): Promise<string> {
  const piece = randomBytes(MEGABYTE);
  const body = Buffer.concat(Array.from({ length: megabytes }, () => piece));
  await laptop.offer(name, body);
  return createHash('sha256').update(body).digest('hex');
}
