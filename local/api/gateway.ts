import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Authorize } from '../access.ts';
import type { AccessKeys } from '../access-keys.ts';
import type { Outcome } from '../functions/instance.ts';
import type { RawRequest } from '../sigv4/raw-request.ts';
import { awsErrorOf } from '../sigv4/signature-failure.ts';
import { createSigV4Verifier } from '../sigv4/verify.ts';
import type { GatewayError, HttpAnswer } from './gateway-responses.ts';
import { readProxyAnswer } from './proxy-answer.ts';
import { type GatewayRequest, proxyEvent } from './proxy-event.ts';
import type { ApiDefinition } from './read-api.ts';
import { matchRoute } from './router.ts';

/** A request under the API's stage, before anything is known about it. */
interface IncomingRequest {
  readonly raw: RawRequest;
  /** Undecoded, without the stage. */
  readonly path: string;
  readonly query: string | undefined;
  readonly headers: GatewayRequest['headers'];
  /** Undefined if it is longer than the gateway takes. */
  readonly body: Buffer | undefined;
  readonly sourceIp: string;
  readonly port: number;
}

/** What the gateway needs: who may call, and who does the work. */
export interface GatewayOptions {
  readonly api: ApiDefinition;
  readonly region: string;
  readonly accessKeys: AccessKeys;
  readonly authorize: Authorize;
  readonly clock: () => Date;
  /** Invokes a function by its ARN. */
  invoke(functionArn: string, event: unknown): Promise<Outcome>;
}

/** Answers a request as the REST API of the template does. */
export type Gateway = (request: IncomingRequest) => Promise<HttpAnswer>;

/** Makes the laptop's API Gateway. Throttles are left to AWS. */
export function createGateway(options: GatewayOptions): Gateway {
  const { api, clock } = options;
  const identify = callerIdentifier(options);
  return async (incoming) => {
    const requestId = randomUUID();
    const traceId = `Root=1-${Math.floor(clock().getTime() / 1000).toString(16)}-${randomBytes(12).toString('hex')}`;
    const extendedRequestId = randomBytes(11).toString('base64');
    const marked = (answer: HttpAnswer): HttpAnswer => ({
      ...answer,
      headers: [...answer.headers, ['x-amzn-RequestId', requestId], ['x-amz-apigw-id', extendedRequestId]],
    });
    const refuse = (error: GatewayError): HttpAnswer => marked(api.gatewayResponses(error, { requestId }));

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
    const outcome = await withTimeout(options.invoke(match.route.functionArn, event), match.route.timeoutMs);
    if (outcome === 'timeout') return refuse({ type: 'INTEGRATION_TIMEOUT' });
    if (outcome.kind === 'too-large') return refuse({ type: 'REQUEST_TOO_LARGE' });
    const answer =
      outcome.kind === 'answered'
        ? readProxyAnswer(outcome.payload, {
            accept: incoming.raw.headers.get('accept'),
            binaryMediaTypes: api.binaryMediaTypes,
          })
        : undefined;
    if (answer === undefined) return refuse({ type: 'DEFAULT_5XX' });
    return marked({ ...answer, headers: [...answer.headers, ['X-Amzn-Trace-Id', traceId]] });
  };
}

type Identified =
  | { readonly ok: true; readonly caller: GatewayRequest['caller'] | undefined }
  | { readonly ok: false; readonly error: GatewayError };

const ANYONE: Identified = { ok: true, caller: undefined };

const refused = (error: GatewayError): Identified => ({ ok: false, error });

/** Finds out who signed a request, and whether IAM lets them invoke the route. */
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
