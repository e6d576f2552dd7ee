import { randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Principal } from '../access-keys.ts';
import type { GatewayError, HttpResponse } from '../api/gateway-responses.ts';
import { grouped } from '../api/proxy-event.ts';
import { readProxyResponse } from '../api/proxy-response.ts';
import type { ApiDefinition, ApiRoute } from '../api/read-api.ts';
import { readStreamedResponse } from '../api/streamed-response.ts';
import { collectResponse } from '../functions/collect-response.ts';
import type { RunningFunctions } from '../functions/run-functions.ts';
import { testInvokeEvent } from './test-invoke-event.ts';

/** The body of a TestInvokeMethod request. Stage variables and client certificates are not supported. */
export const TestInvokeInput = z.object({
  pathWithQueryString: z.string().default(''),
  body: z.string().exactOptional(),
  headers: z.record(z.string(), z.string()).exactOptional(),
  multiValueHeaders: z.record(z.string(), z.array(z.string())).exactOptional(),
});

export interface TestInvokeOptions {
  readonly api: ApiDefinition;
  readonly clock: () => Date;
  readonly functions: Pick<RunningFunctions, 'invoke' | 'invokeWithResponseStream'>;
  /** Milliseconds after which a streamed response is truncated. @default - 35 seconds, as on AWS */
  readonly streamTimeoutMs?: number;
}

/**
 * Default timeout of a streamed response, in milliseconds.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/response-streaming-troubleshoot.html
 */
const STREAM_TIMEOUT_MS = 35_000;
const MAX_SHOWN_BYTES = 1024 * 1024;

export interface TestInvokeCall {
  readonly route: ApiRoute;
  readonly method: string;
  readonly input: z.output<typeof TestInvokeInput>;
  readonly caller: { readonly accessKeyId: string; readonly principal: Principal };
}

/**
 * Simulates a request to a method, without authorization or throttling, and returns the result.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/api/API_TestInvokeMethod.html
 */
export async function testInvoke(
  { route, method, input, caller }: TestInvokeCall,
  options: TestInvokeOptions,
) {
  const { api, clock } = options;
  const requestId = randomUUID();
  const receivedAt = clock();
  const invocation = {
    ...caller,
    route,
    method,
    pathWithQueryString: input.pathWithQueryString,
    headers: input.headers,
    multiValueHeaders: input.multiValueHeaders,
    body: input.body === '' ? undefined : input.body,
    requestId,
    extendedRequestId: randomBytes(11).toString('base64'),
    receivedAt,
  };
  const event = testInvokeEvent(invocation, api);
  const response = await INTEGRATIONS[route.responseTransferMode](route, event, options);
  const { status, headers, body } =
    'type' in response ? api.gatewayResponses(response, { requestId }) : response;
  const endedAt = clock();
  // AWS logs the whole request and response. Both may contain secrets, so local mode logs only a summary. AWS logs
  // nothing for streamed responses.
  const streams = route.responseTransferMode === 'stream';
  const summary = [
    `Execution log for request ${requestId}`,
    `${receivedAt.toUTCString()} : Starting execution for request: ${requestId}`,
    `${receivedAt.toUTCString()} : HTTP Method: ${method}, Resource Path: ${route.resourcePath}`,
    `${endedAt.toUTCString()} : Method completed with status: ${status}`,
    '',
  ].join('\n');
  return {
    status,
    body: body.toString('utf8'),
    headers: Object.fromEntries(headers),
    multiValueHeaders: grouped(headers),
    log: streams ? '' : summary,
    latency: endedAt.getTime() - receivedAt.getTime(),
  };
}

type Integration = (
  route: ApiRoute,
  event: unknown,
  options: TestInvokeOptions,
) => Promise<HttpResponse | GatewayError>;

const INTEGRATIONS: Readonly<Record<ApiRoute['responseTransferMode'], Integration>> = {
  buffered: async ({ functionArn }, event, { api, functions }) => {
    const outcome = await functions.invoke(functionArn, event);
    if (outcome.kind === 'too-large') return { type: 'REQUEST_TOO_LARGE' };
    if (outcome.kind === 'failed') return { type: 'DEFAULT_5XX' };
    const { binaryMediaTypes } = api;
    return (
      readProxyResponse(outcome.payload, { accept: undefined, binaryMediaTypes }) ?? { type: 'DEFAULT_5XX' }
    );
  },
  stream: async ({ functionArn }, event, { functions, streamTimeoutMs = STREAM_TIMEOUT_MS }) => {
    const outcome = functions.invokeWithResponseStream(functionArn, event);
    if (outcome.kind === 'too-large') return { type: 'REQUEST_TOO_LARGE' };
    const limits = { totalMs: streamTimeoutMs, idleMs: streamTimeoutMs };
    const response = await readStreamedResponse(outcome.body, limits);
    if (response === 'malformed') return { type: 'DEFAULT_5XX', status: 500 };
    // AWS's response to a timeout.
    if (response === 'timeout') return { status: 0, headers: [], body: Buffer.alloc(0) };
    return { ...response, body: await collectResponse(response.stream, MAX_SHOWN_BYTES) };
  },
};
