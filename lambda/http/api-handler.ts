import middy from '@middy/core';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { type Refusal, Unavailable } from '../domain/errors.ts';
import type { TokenId } from '../domain/ids.ts';
import type { Milestone, Telemetry } from '../domain/ports.ts';
import { type ApiRequest, readRequest } from './request.ts';

/** Holds an answer, and what the log says about it. */
export interface Reply {
  readonly response: APIGatewayProxyResult;
  readonly outcome: string;
  readonly tokenId?: TokenId;
  readonly milestone?: Milestone;
}

/** Turns a refusal into an answer that this caller can read. */
export type Refuse = (request: ApiRequest, refusal: Refusal) => Reply;

export interface ApiHandlerDependencies {
  readonly telemetry: Telemetry;
  readonly refuse: Refuse;
  /** By method and resource, as in the route table of the stack. */
  readonly routes: Readonly<Record<string, (request: ApiRequest) => Promise<Reply>>>;
}

/** Sets the retry time when a service is down, in seconds. */
const RETRY_SECONDS = 10;

/**
 * Creates the Lambda handler of some routes. It writes one log line for each request, and gives a clear answer even if
 * something throws.
 */
export function createApiHandler({ telemetry, refuse, routes }: ApiHandlerDependencies) {
  const settle = (request: ApiRequest, { response, ...line }: Reply): APIGatewayProxyResult => {
    telemetry.handled({ route: request.route, requestId: request.requestId, ...line });
    return response;
  };

  return middy<unknown, APIGatewayProxyResult>()
    .use({
      onError: (failed) => {
        const request = readRequest(failed.event);
        telemetry.fault(request.route, request.requestId, failed.error);
        failed.response = settle(request, refuse(request, faultRefusal(failed.error)));
      },
    })
    .handler(async (event) => {
      const request = readRequest(event);
      const route = routes[request.route];
      return settle(
        request,
        route === undefined ? refuse(request, { code: 'not_found' }) : await route(request),
      );
    });
}

/** Returns what a caller is told about an unexpected failure or a service that is down. */
export function faultRefusal(error: unknown): Refusal {
  return error instanceof Unavailable
    ? { code: 'unavailable', retryAfterSeconds: RETRY_SECONDS }
    : { code: 'internal_error' };
}
