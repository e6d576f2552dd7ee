import * as z from 'zod/mini';
import type { CallerId } from '../domain/ids.ts';
import type { Caller } from '../domain/issuer.ts';
import { addressFromProxy } from './trusted-proxy.ts';

/**
 * Describes the part of API Gateway's proxy event that is used (API Gateway Developer Guide, "Input format of a Lambda
 * function for proxy integration"). `test-invoke-method` sends null for headers and an invalid address as the source.
 */
const proxyEvent = z.object({
  httpMethod: z.string(),
  resource: z.string(),
  multiValueHeaders: z.nullish(z.record(z.string(), z.array(z.string()))),
  headers: z.nullish(z.record(z.string(), z.string())),
  multiValueQueryStringParameters: z.nullish(z.record(z.string(), z.array(z.string()))),
  pathParameters: z.nullish(z.record(z.string(), z.string())),
  body: z.nullish(z.string()),
  isBase64Encoded: z.nullish(z.boolean()),
  requestContext: z.object({
    requestId: z.string(),
    identity: z.object({
      sourceIp: z.nullish(z.string()),
      userAgent: z.nullish(z.string()),
      userArn: z.nullish(z.string()),
      caller: z.nullish(z.string()),
    }),
  }),
});

/** Represents a request as the handlers see it. */
export interface ApiRequest {
  /** Method and resource as in the route table: `POST /links`, `DELETE /links/{tokenId}`. */
  readonly route: string;
  readonly method: string;
  /** Returns the values of a header, joined by commas (RFC 9110, section 5.3), by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  /** Decoded query parameters; a name that was given twice has two values. */
  readonly query: Readonly<Record<string, readonly string[]>>;
  readonly path: Readonly<Record<string, string>>;
  /** The body's bytes; empty if there was none. */
  readonly body: Uint8Array;
  readonly requestId: string;
  /**
   * The caller's address from the request context or, behind the trusted proxy, from the proxy. Anyone can claim anything
   * in `X-Forwarded-For`.
   */
  readonly sourceAddress: string;
  /** Set if the request came through the trusted proxy. */
  readonly throughProxy?: true;
  readonly userAgent: string;
  /** The caller that signed the request, on routes that require a signature. */
  readonly caller: Caller | undefined;
}

const MAX_USER_AGENT = 256;

/**
 * Reads API Gateway's event.
 *
 * @param proxySecretSha256 whose requests are believed to say where they come from; see trusted-proxy.ts
 * @throws ZodError if this is not a proxy event, which no caller can cause
 * @throws Error if the trusted proxy does not say where the request comes from
 */
export function readRequest(event: unknown, proxySecretSha256?: string): ApiRequest {
  const { httpMethod, resource, requestContext, ...rest } = proxyEvent.parse(event);
  const { identity } = requestContext;
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(rest.headers ?? {})) headers.set(name.toLowerCase(), value);
  for (const [name, values] of Object.entries(rest.multiValueHeaders ?? {})) {
    headers.set(name.toLowerCase(), values.join(', '));
  }
  const header = (name: string) => headers.get(name);
  const fromProxy = addressFromProxy(header, proxySecretSha256);
  return {
    route: `${httpMethod} ${resource}`,
    method: httpMethod,
    header,
    query: rest.multiValueQueryStringParameters ?? {},
    path: rest.pathParameters ?? {},
    body: Buffer.from(rest.body ?? '', rest.isBase64Encoded ? 'base64' : 'utf8'),
    requestId: requestContext.requestId,
    sourceAddress: fromProxy ?? identity.sourceIp ?? '',
    ...(fromProxy !== undefined && { throughProxy: true }),
    userAgent: printable(identity.userAgent ?? ''),
    caller: callerIn(identity),
  };
}

const ROLE_SESSION = /^(arn:[^:]+:sts::\d*:assumed-role\/[^/]+)\/.*$/;

/**
 * Reads the user or role behind a signature. The session of a role is left out: its name changes from call to call and
 * is often somebody's address (IAM User Guide, "IAM identifiers"). `caller` is IAM's unique id, which for a role has
 * the session behind a colon (API Gateway Developer Guide, "$context variables").
 */
function callerIn({
  userArn,
  caller,
}: z.output<typeof proxyEvent>['requestContext']['identity']): Caller | undefined {
  if (userArn?.startsWith('arn:') !== true || !caller) return undefined;
  const role = ROLE_SESSION.exec(userArn)?.[1];
  const id = role === undefined ? caller : caller.replace(/:.*$/, '');
  return { arn: (role ?? userArn) as Caller['arn'], id: id as CallerId };
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, MAX_USER_AGENT);
}

/**
 * Returns the caller that signed the request.
 *
 * @throws Error if API Gateway names no caller: the route has lost its authorization, so nothing may happen
 */
export function callerOf({ caller }: Pick<ApiRequest, 'caller'>): Caller {
  if (caller === undefined) throw new Error('A signed route was called without a caller');
  return caller;
}
