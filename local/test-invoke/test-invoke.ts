import { randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Principal } from '../access-keys.ts';
import type { HttpAnswer } from '../api/gateway-responses.ts';
import { readProxyAnswer } from '../api/proxy-answer.ts';
import { grouped } from '../api/proxy-event.ts';
import type { ApiDefinition, ApiRoute } from '../api/read-api.ts';
import type { Outcome } from '../functions/instance.ts';
import { testInvokeEvent } from './test-invoke-event.ts';

/** What TestInvokeMethod takes besides its path; nothing here has stage variables or client certificates. */
export const TestInvokeInput = z.object({
  pathWithQueryString: z.string().default(''),
  body: z.string().exactOptional(),
  headers: z.record(z.string(), z.string()).exactOptional(),
  multiValueHeaders: z.record(z.string(), z.array(z.string())).exactOptional(),
});

export interface TestInvokeOptions {
  readonly api: ApiDefinition;
  readonly clock: () => Date;
  /** Invokes a function by its ARN. */
  invoke(functionArn: string, event: unknown): Promise<Outcome>;
}

export interface TestInvokeCall {
  readonly route: ApiRoute;
  readonly method: string;
  readonly input: z.output<typeof TestInvokeInput>;
  readonly caller: { readonly accessKeyId: string; readonly principal: Principal };
}

/**
 * Simulates one request to a method, past its authorisation and throttle, and says what came of it.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/api/API_TestInvokeMethod.html
 */
export async function testInvoke(
  { route, method, input, caller }: TestInvokeCall,
  { api, clock, invoke }: TestInvokeOptions,
) {
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
  const outcome = await invoke(route.functionArn, testInvokeEvent(invocation, api));
  const { status, headers, body } = answerOf(outcome, requestId, api);
  const endedAt = clock();
  return {
    status,
    body: body.toString('utf8'),
    headers: Object.fromEntries(headers),
    multiValueHeaders: grouped(headers),
    // AWS puts the whole request and answer here. Tokens have no business in a terminal, so this stays a summary.
    log: [
      `Execution log for request ${requestId}`,
      `${receivedAt.toUTCString()} : Starting execution for request: ${requestId}`,
      `${receivedAt.toUTCString()} : HTTP Method: ${method}, Resource Path: ${route.resourcePath}`,
      `${endedAt.toUTCString()} : Method completed with status: ${status}`,
      '',
    ].join('\n'),
    latency: endedAt.getTime() - receivedAt.getTime(),
  };
}

function answerOf(outcome: Outcome, requestId: string, api: ApiDefinition): HttpAnswer {
  const { binaryMediaTypes, gatewayResponses } = api;
  const answer =
    outcome.kind === 'answered'
      ? readProxyAnswer(outcome.payload, { accept: undefined, binaryMediaTypes })
      : undefined;
  const type = outcome.kind === 'too-large' ? 'REQUEST_TOO_LARGE' : 'DEFAULT_5XX';
  return answer ?? gatewayResponses({ type }, { requestId });
}
