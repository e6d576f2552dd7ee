import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { addAbortSignal } from 'node:stream';
import type { Authorize } from '../access.ts';
import type { AccessKeys } from '../access-keys.ts';
import type { RunningFunctions } from '../functions/run-functions.ts';
import type { RawRequest } from '../sigv4/raw-request.ts';
import { awsErrorOf } from '../sigv4/signature-failure.ts';
import { createSigV4Verifier } from '../sigv4/verify.ts';
import type { GatewayError, HttpResponse } from './gateway-responses.ts';
import { type GatewayRequest, proxyEvent } from './proxy-event.ts';
import { readProxyResponse } from './proxy-response.ts';
import type { ApiDefinition, ApiRoute } from './read-api.ts';
import { matchRoute } from './router.ts';
import { readStreamedResponse, type StreamedResponse } from './streamed-response.ts';

/** A request to the API's stage, not yet matched to a route or authenticated. */
interface IncomingRequest {
  readonly raw: RawRequest;
  /** The path, not decoded and without the stage. */
  readonly path: string;
  readonly query: string | undefined;
  readonly headers: GatewayRequest['headers'];
  /** Undefined if the body exceeds the gateway's limit. */
  readonly body: Buffer | undefined;
  /** Aborted if the client disconnects before it has received the response. */
  readonly clientGone: AbortSignal;
  readonly sourceIp: string;
  readonly port: number;
}

/** The API that a gateway serves, and what it needs to authorize callers and invoke functions. */
export interface GatewayOptions {
  readonly api: ApiDefinition;
  readonly region: string;
  readonly accessKeys: AccessKeys;
  readonly authorize: Authorize;
  readonly clock: () => Date;
  readonly functions: Pick<RunningFunctions, 'invoke' | 'invokeWithResponseStream'>;
  /** The idle timeout of a stream in milliseconds. @default - 5 minutes, as on AWS */
  readonly streamIdleMs?: number;
}

/** Answers a request as API Gateway does for the API in the template. */
export type Gateway = (request: IncomingRequest) => Promise<HttpResponse | StreamedResponse>;

/**
 * The idle timeout of a regional API's streams, in milliseconds.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
 */
const STREAM_IDLE_MS = 5 * 60 * 1000;

/** Creates the gateway. It does not throttle requests. */
export function createGateway(options: GatewayOptions): Gateway {
  const { api, clock } = options;
  const identify = callerIdentifier(options);
  const responses = { buffered: bufferedIntegration(options), stream: streamIntegration(options) };
  return async (incoming) => {
    const requestId = randomUUID();
    const traceId = `Root=1-${Math.floor(clock().getTime() / 1000).toString(16)}-${randomBytes(12).toString('hex')}`;
    const extendedRequestId = randomBytes(11).toString('base64');
    const marked = <Kind extends HttpResponse | StreamedResponse>(response: Kind): Kind => ({
      ...response,
      headers: [...response.headers, ['x-amzn-RequestId', requestId], ['x-amz-apigw-id', extendedRequestId]],
    });
    const refuse = (error: GatewayError): HttpResponse => marked(api.gatewayResponses(error, { requestId }));

    const match = matchRoute(api.routes, incoming.raw.method, incoming.path);
    if (match === undefined) return refuse({ type: 'MISSING_AUTHENTICATION_TOKEN' });
    if (incoming.body === undefined) return refuse({ type: 'REQUEST_TOO_LARGE' });
    const identified = match.route.auth === 'iam' ? await identify(incoming, incoming.body) : ANYONE;
    if (!identified.ok) return refuse(identified.error);

    const request: GatewayRequest = {
      ...incoming,
      ...(identified.caller === undefined ? {} : { caller: identified.caller }),
      method: incoming.raw.method,
      path: incoming.path === '' ? '/' : incoming.path,
      body: incoming.body,
      requestId,
      extendedRequestId,
      traceId,
      receivedAt: clock(),
    };
    const event = proxyEvent(request, match, api);
    const response = await responses[match.route.responseTransferMode](incoming, match.route, event);
    if ('type' in response) return refuse(response);
    return marked({ ...response, headers: [...response.headers, ['X-Amzn-Trace-Id', traceId]] });
  };
}

/** Invokes a function and resolves to its response or to an error. */
type Integration = (
  incoming: IncomingRequest,
  route: ApiRoute,
  event: unknown,
) => Promise<HttpResponse | StreamedResponse | GatewayError>;

function bufferedIntegration({ api, functions }: GatewayOptions): Integration {
  return async ({ raw }, { functionArn, timeoutMs }, event) => {
    const outcome = await withTimeout(functions.invoke(functionArn, event), timeoutMs);
    if (outcome === 'timeout') return { type: 'INTEGRATION_TIMEOUT' };
    if (outcome.kind === 'too-large') return { type: 'REQUEST_TOO_LARGE' };
    if (outcome.kind === 'failed') return { type: 'DEFAULT_5XX' };
    const options = { accept: raw.headers.get('accept'), binaryMediaTypes: api.binaryMediaTypes };
    return readProxyResponse(outcome.payload, options) ?? { type: 'DEFAULT_5XX' };
  };
}

function streamIntegration({ functions, streamIdleMs = STREAM_IDLE_MS }: GatewayOptions): Integration {
  return async ({ clientGone }, { functionArn, timeoutMs }, event) => {
    const outcome = functions.invokeWithResponseStream(functionArn, event);
    if (outcome.kind === 'too-large') return { type: 'REQUEST_TOO_LARGE' };
    const stream = addAbortSignal(clientGone, outcome.body);
    const response = await readStreamedResponse(stream, { totalMs: timeoutMs, idleMs: streamIdleMs });
    if (response === 'timeout') return { type: 'INTEGRATION_TIMEOUT' };
    // API Gateway returns 500 for invalid metadata, but 502 for an invalid buffered response.
    return response === 'malformed' ? { type: 'DEFAULT_5XX', status: 500 } : response;
  };
}

type Identified =
  | { readonly ok: true; readonly caller: GatewayRequest['caller'] | undefined }
  | { readonly ok: false; readonly error: GatewayError };

const ANYONE: Identified = { ok: true, caller: undefined };

const refused = (error: GatewayError): Identified => ({ ok: false, error });

/** Creates a function that authenticates the signer and checks whether IAM allows them to invoke the route. */
function callerIdentifier({ api, region, accessKeys, authorize, clock }: GatewayOptions) {
  const verify = createSigV4Verifier({
    service: 'execute-api',
    region,
    credentials: accessKeys.lookup,
    clock,
  });
  return async (incoming: IncomingRequest, body: Buffer): Promise<Identified> => {
    const verification = await verify(incoming.raw, createHash('sha256').update(body).digest('hex'));
    if (!verification.ok) {
      const { failure } = verification;
      return failure.reason === 'missing'
        ? refused({ type: 'MISSING_AUTHENTICATION_TOKEN' })
        : refused({ type: 'INVALID_SIGNATURE', message: awsErrorOf(failure).message });
    }
    const { accessKeyId, ageMs } = verification.signature;
    const principal = accessKeys.principalOf(accessKeyId);
    const decision = await authorize({
      accessKeyId,
      action: 'execute-api:Invoke',
      resource: `arn:aws:execute-api:${region}:${api.accountId}:${api.apiId}/${api.stageName}/${incoming.raw.method}${incoming.path}`,
      signatureAgeMs: ageMs,
      conditions: { 'aws:SecureTransport': 'true', 'aws:SourceIp': incoming.sourceIp },
    });
    if (principal === undefined || !decision.allowed) return refused({ type: 'ACCESS_DENIED' });
    return { ok: true, caller: { accessKeyId, principal } };
  };
}

async function withTimeout<Value>(work: Promise<Value>, milliseconds: number): Promise<Value | 'timeout'> {
  const timeout = Promise.withResolvers<'timeout'>();
  const timer = setTimeout(() => timeout.resolve('timeout'), milliseconds);
  try {
    return await Promise.race([work, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}
