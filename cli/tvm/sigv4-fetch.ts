import { Sha256 } from '@aws-sdk/checksums/sha';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Connection } from './connection.ts';

/** A request to the API of a deployment. */
export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** The path after the stage, with a leading slash. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: object;
}

/**
 * Sends a request that is signed for `execute-api`. Does not follow redirects.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
export async function sigv4Fetch(
  { deployment, region, credentials }: Pick<Connection, 'deployment' | 'region' | 'credentials'>,
  { method, path, query = {}, headers = {}, body }: ApiCall,
  signal: AbortSignal,
): Promise<Response> {
  const url = new URL(`${deployment.apiUrl}${path}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  // AWS signs spaces as %20, not as "+".
  url.search = url.searchParams.toString().replaceAll('+', '%20');
  const text = body === undefined ? undefined : JSON.stringify(body);
  const signer = new SignatureV4({ service: 'execute-api', region, credentials, sha256: Sha256 });
  const signed = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port !== '' && { port: Number(url.port) }),
    path: url.pathname,
    query: { ...query },
    headers: {
      host: url.host,
      accept: 'application/json',
      ...headers,
      ...(text !== undefined && { 'content-type': 'application/json' }),
    },
    ...(text !== undefined && { body: text }),
  });
  return fetch(url, {
    method,
    headers: signed.headers,
    redirect: 'manual',
    signal,
    ...(text !== undefined && { body: text }),
  });
}
