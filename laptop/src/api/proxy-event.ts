import type { Principal } from '../access-keys.ts';
import { isBinary } from './media-types.ts';
import type { ApiDefinition } from './read-api.ts';
import type { RouteMatch } from './router.ts';

/** A request, and the data that the gateway adds to it. */
export interface GatewayRequest {
  readonly method: string;
  /** The path, not decoded and without the stage. */
  readonly path: string;
  /** The query, not decoded and without the question mark. Undefined if the request had none. */
  readonly query: string | undefined;
  /** The headers in their original order and spelling. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly sourceIp: string;
  /** The port of the API, for `X-Forwarded-Port`. */
  readonly port: number;
  readonly requestId: string;
  readonly extendedRequestId: string;
  readonly traceId: string;
  readonly receivedAt: Date;
  /** The signer of the request, if the route requires a signature. */
  readonly caller?: { readonly accessKeyId: string; readonly principal: Principal };
}

/** Headers that the gateway does not forward (API Gateway Developer Guide, "Important notes" for REST APIs). */
const NOT_PASSED_ON: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'content-md5',
  'expect',
  'keep-alive',
  'max-forwards',
  'proxy-authenticate',
  'proxy-connection',
  'server',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'www-authenticate',
]);

/** How the gateway capitalizes these headers, by lowercase name. */
const RESPELLED: Readonly<Record<string, string>> = {
  authorization: 'Authorization',
  host: 'Host',
  'user-agent': 'User-Agent',
  'x-amzn-trace-id': 'X-Amzn-Trace-Id',
  'x-forwarded-for': 'X-Forwarded-For',
};

/**
 * Creates the event that a REST API's Lambda proxy integration passes to the function.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
export function proxyEvent(
  request: GatewayRequest,
  { route, pathParameters }: RouteMatch,
  api: ApiDefinition,
) {
  const headers = passedHeaders(request);
  const header = (name: string): string | undefined =>
    headers.findLast(([candidate]) => candidate.toLowerCase() === name)?.[1];
  const binary = isBinary(header('content-type'), api.binaryMediaTypes);
  return {
    resource: route.resourcePath,
    path: request.path,
    httpMethod: request.method,
    headers: Object.fromEntries(headers),
    multiValueHeaders: grouped(headers),
    ...parametersOf(request.query ?? '', pathParameters),
    requestContext: {
      resourceId: route.resourceId,
      resourcePath: route.resourcePath,
      httpMethod: request.method,
      extendedRequestId: request.extendedRequestId,
      requestTime: clfTime(request.receivedAt),
      path: `/${api.stageName}${request.path}`,
      accountId: api.accountId,
      protocol: 'HTTP/1.1',
      stage: api.stageName,
      domainPrefix: api.apiId,
      requestTimeEpoch: request.receivedAt.getTime(),
      requestId: request.requestId,
      identity: identityOf(request, header('user-agent'), api.accountId),
      domainName: '127.0.0.1',
      deploymentId: api.deploymentId,
      apiId: api.apiId,
    },
    body: request.body.length === 0 ? null : request.body.toString(binary ? 'base64' : 'utf8'),
    isBase64Encoded: binary && request.body.length > 0,
  };
}

function passedHeaders(request: GatewayRequest): readonly (readonly [string, string])[] {
  const { headers, sourceIp, port, traceId, caller } = request;
  const claimed = headers
    .filter(([name]) => name.toLowerCase() === 'x-forwarded-for')
    .map(([, value]) => value);
  const replaced = ['x-forwarded-for', 'x-forwarded-port', 'x-forwarded-proto', 'x-amzn-trace-id'];
  const passed = headers.filter(([name]) => {
    const lower = name.toLowerCase();
    // The gateway removes a signature that it has verified.
    return (
      !NOT_PASSED_ON.has(lower) &&
      !replaced.includes(lower) &&
      !(caller !== undefined && lower === 'authorization')
    );
  });
  return [
    ...passed.map(([name, value]) => [RESPELLED[name.toLowerCase()] ?? name, value] as const),
    ['X-Amzn-Trace-Id', traceId],
    ['X-Forwarded-For', [...claimed, sourceIp].join(', ')],
    ['X-Forwarded-Port', String(port)],
    ['X-Forwarded-Proto', 'http'],
  ];
}

function identityOf({ sourceIp, caller }: GatewayRequest, userAgent: string | undefined, accountId: string) {
  return {
    cognitoIdentityPoolId: null,
    accountId: caller === undefined ? null : accountId,
    cognitoIdentityId: null,
    caller: caller?.principal.userId ?? null,
    sourceIp,
    principalOrgId: null,
    accessKey: caller?.accessKeyId ?? null,
    cognitoAuthenticationType: null,
    cognitoAuthenticationProvider: null,
    userArn: caller?.principal.arn ?? null,
    userAgent: userAgent ?? null,
    user: caller?.principal.userId ?? null,
  };
}

type Pairs = readonly (readonly [string, string])[];

/** Returns the event fields that contain the query and path parameters. */
export function parametersOf(queryText: string, pathParameters: RouteMatch['pathParameters']) {
  const query = decodeQuery(queryText);
  return {
    queryStringParameters: query.length === 0 ? null : Object.fromEntries(query),
    multiValueQueryStringParameters: query.length === 0 ? null : grouped(query),
    pathParameters: Object.keys(pathParameters).length === 0 ? null : pathParameters,
    stageVariables: null,
  };
}

/** Groups values by name in their original order. */
export function grouped(pairs: Pairs): Readonly<Record<string, readonly string[]>> {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), value]);
  return Object.fromEntries(values);
}

/** Decodes a form-encoded query. A name or value with an invalid escape stays unchanged. */
function decodeQuery(query: string): Pairs {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      return equals === -1
        ? ([decode(pair), ''] as const)
        : ([decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))] as const);
    });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** Formats a time in the Common Log Format, such as `27/Nov/2025:19:04:48 +0000`. */
export function clfTime(time: Date): string {
  const [, day, month, year, clock] = time.toUTCString().split(' ');
  return `${day}/${month}/${year}:${clock} +0000`;
}
