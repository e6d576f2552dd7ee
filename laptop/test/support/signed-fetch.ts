import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Endpoints } from '../../src/endpoints.ts';

/** SHA-256 with the interface that the SDK's signer expects. */
class Sha256 {
  readonly #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined
        ? createHash('sha256')
        : createHmac('sha256', typeof secret === 'string' ? secret : Buffer.from(secret as Uint8Array));
  }

  update(data: string | Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    throw new Error('A digest can be taken only once.');
  }
}

/** Sends a request to the API, signed with the key in `endpoints`. */
export async function signedFetch(
  endpoints: Pick<Endpoints, 'api' | 'region' | 'accessKeyId' | 'secretAccessKey'>,
  method: 'POST' | 'DELETE' | 'GET',
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const target = { service: 'execute-api', url: `${endpoints.api}${path}` };
  return signedCall(endpoints, target, method, body, headers);
}

/** Sends a request with an optional JSON body to a service, signed with the given key. */
export async function signedCall(
  { region, accessKeyId, secretAccessKey }: Pick<Endpoints, 'region' | 'accessKeyId' | 'secretAccessKey'>,
  target: { readonly service: string; readonly url: string },
  method: 'POST' | 'DELETE' | 'GET',
  body?: object,
  given: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const url = new URL(target.url);
  const signer = new SignatureV4({
    service: target.service,
    region,
    credentials: { accessKeyId, secretAccessKey },
    sha256: Sha256,
  });
  const text = body === undefined ? undefined : JSON.stringify(body);
  const { headers } = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    port: Number(url.port),
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { ...(text !== undefined && { 'content-type': 'application/json' }), ...given, host: url.host },
    ...(text !== undefined && { body: text }),
  });
  return fetch(url, { method, headers, ...(text !== undefined && { body: text }) });
}
