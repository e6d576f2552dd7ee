import { createHash, createHmac } from 'node:crypto';
import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent, request as secureRequest } from 'node:https';
import { buffer } from 'node:stream/consumers';

/*
 * The minimum code that can call AWS: it signs and sends a request (SigV4), without retries, timeouts, or error
 * handling. It is a baseline for measurements, not a client.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */

const {
  AWS_REGION: region = '',
  AWS_ACCESS_KEY_ID: keyId = '',
  AWS_SECRET_ACCESS_KEY: secret = '',
  AWS_SESSION_TOKEN: session,
} = process.env;

const agents = { 'http:': new PlainAgent({ keepAlive: true }), 'https:': new Agent({ keepAlive: true }) };

/** Calls a JSON service. */
export async function call(service: 'dynamodb' | 'kms', target: string, input: object): Promise<unknown> {
  const response = await send(service, 'POST', '/', JSON.stringify(input), {
    'content-type': `application/x-amz-json-1.${service === 'kms' ? 1 : 0}`,
    'x-amz-target': target,
  });
  const body = await buffer(response);
  if (response.statusCode !== 200) throw new Error(`${target}: ${response.statusCode}`);
  return JSON.parse(body.toString());
}

/** Sends a signed request, and returns the response without reading its body. */
export function send(
  service: 'dynamodb' | 'kms' | 's3',
  method: string,
  path: string,
  body = '',
  headers: Readonly<Record<string, string>> = {},
): Promise<IncomingMessage> {
  const endpoint = endpointOf(service);
  const now = timestamp();
  const signed: Record<string, string> = {
    ...headers,
    host: endpoint.host,
    'x-amz-content-sha256': sha256(body),
    'x-amz-date': now,
    ...(session && { 'x-amz-security-token': session }),
  };
  const signature = sign(service, now, { method, path, query: '', headers: signed, hash: sha256(body) });
  const names = Object.keys(signed).sort().join(';');
  signed.authorization = `AWS4-HMAC-SHA256 Credential=${keyId}/${scope(service, now)}, SignedHeaders=${names}, Signature=${signature}`;
  const open = endpoint.protocol === 'https:' ? secureRequest : plainRequest;
  const agent = agents[endpoint.protocol as keyof typeof agents];
  return new Promise((resolve, reject) => {
    open(new URL(path, endpoint), { method, agent, headers: signed }, resolve).on('error', reject).end(body);
  });
}

/** Presigns the URL of a GET. */
export function presign(path: string, seconds: number, parameters: Readonly<Record<string, string>>): string {
  const endpoint = endpointOf('s3');
  const now = timestamp();
  const query = Object.entries({
    ...parameters,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${keyId}/${scope('s3', now)}`,
    'X-Amz-Date': now,
    'X-Amz-Expires': String(seconds),
    'X-Amz-SignedHeaders': 'host',
    ...(session && { 'X-Amz-Security-Token': session }),
  })
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .sort()
    .join('&');
  const headers = { host: endpoint.host };
  const signature = sign('s3', now, { method: 'GET', path, query, headers, hash: 'UNSIGNED-PAYLOAD' });
  return `${endpoint.origin}${path}?${query}&X-Amz-Signature=${signature}`;
}

interface Canonical {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly hash: string;
}

function sign(service: string, now: string, { method, path, query, headers, hash }: Canonical): string {
  const names = Object.keys(headers).sort();
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const canonical = [method, path, query, lines, names.join(';'), hash].join('\n');
  const text = ['AWS4-HMAC-SHA256', now, scope(service, now), sha256(canonical)].join('\n');
  const parts = [now.slice(0, 8), region, service, 'aws4_request'];
  const key = parts.reduce<string | Buffer>(
    (parent, part) => createHmac('sha256', parent).update(part).digest(),
    `AWS4${secret}`,
  );
  return createHmac('sha256', key).update(text).digest('hex');
}

function scope(service: string, now: string): string {
  return `${now.slice(0, 8)}/${region}/${service}/aws4_request`;
}

function endpointOf(service: string): URL {
  return new URL(
    process.env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ?? `https://${service}.${region}.amazonaws.com`,
  );
}

function timestamp(): string {
  return new Date().toISOString().replace(/[-:]|\.\d+/g, '');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
