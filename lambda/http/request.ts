import * as z from 'zod/mini';
import type { CallerId } from '../domain/ids.ts';
import type { Caller } from '../domain/issuer.ts';
import { addressFromProxy } from './trusted-proxy.ts';

/**
 * The fields of API Gateway's proxy event that we use (API Gateway Developer Guide, "Input format of a Lambda function
 * for proxy integration"). `test-invoke-method` sends null headers and an invalid source address.
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

/** Request as passed to handlers. */
export interface ApiRequest {
  /** Method and resource as in the route table: `POST /links`, `DELETE /links/{tokenId}`. */
  readonly route: string;
  readonly method: string;
  /** Takes a header's name in lower case, and returns the header's values, joined by commas (RFC 9110, section 5.3). */
  readonly header: (name: string) => string | undefined;
  /** Decoded query parameters; a repeated parameter has several values. */
  readonly query: Readonly<Record<string, readonly string[]>>;
  readonly path: Readonly<Record<string, string>>;
  /** Bytes of the body; empty if there is none. */
  readonly body: Uint8Array;
  readonly requestId: string;
  /**
   * Caller's address, from the request context or, behind the trusted proxy, from the proxy. `X-Forwarded-For` is not
   * used, because anyone can set it.
   */
  readonly sourceAddress: string;
  /** Set if the request came through the trusted proxy. */
  readonly throughProxy?: true;
  readonly userAgent: string;
  /** Caller that signed the request, on routes that require a signature. */
  readonly caller: Caller | undefined;
}

const MAX_USER_AGENT = 256;

/**
 * Reads API Gateway's event.
 *
 * @param proxySecretSha256 identifies the trusted proxy; see trusted-proxy.ts
 * @throws ZodError if this is not a proxy event, which callers cannot cause
 * @throws Error if the trusted proxy does not send a valid source address
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
 * Returns the user or role that signed the request. The session name of a role is left out: it changes from call to
 * call, and is often a person's address (IAM User Guide, "IAM identifiers"). `caller` is IAM's unique ID; for roles, it
 * is followed by a colon and the session name (API Gateway Developer Guide, "$context variables").
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
 * @throws Error if API Gateway names no caller. The route has then lost its authorization, so the request must fail.
 */
export function callerOf({ caller }: Pick<ApiRequest, 'caller'>): Caller {
  if (caller === undefined) throw new Error('API Gateway named no caller on a signed route');
  return caller;
}
