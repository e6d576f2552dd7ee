import type { APIGatewayProxyResult } from 'aws-lambda';
import { type Refusal, Unavailable } from '../domain/errors.ts';
import type { TokenId, UploadId } from '../domain/ids.ts';
import type { Milestone, Telemetry } from '../domain/ports.ts';
import { type ApiRequest, readRequest } from './request.ts';

/** Response, with the fields of its log line. */
export interface Reply {
  readonly response: APIGatewayProxyResult;
  readonly outcome: string;
  readonly tokenId?: TokenId;
  readonly uploadId?: UploadId;
  readonly milestone?: Milestone;
}

/** Converts a refusal to a response in the format that the caller prefers. */
export type Refuse = (request: ApiRequest, refusal: Refusal) => Reply;

export interface Routes<RouteReply extends Reply = Reply> {
  readonly telemetry: Telemetry;
  readonly refuse: Refuse;
  /** SHA-256 of the trusted proxy's secret. @default - no proxy is trusted */
  readonly proxySecretSha256?: string | undefined;
  /** Routes, keyed by method and resource as in the stack's route table. */
  readonly routes: Readonly<Record<string, (request: ApiRequest) => Promise<RouteReply>>>;
}

/** `Retry-After` when a service is down, in seconds. */
const RETRY_SECONDS = 10;

/** Creates the Lambda handler of the given routes. */
export function createApiHandler(routes: Routes) {
  return async (event: unknown): Promise<APIGatewayProxyResult> =>
    (await replyTo(readRequest(event, routes.proxySecretSha256), routes)).response;
}

/** Responds to a request, even if its route throws, and writes one log line. */
export async function replyTo<RouteReply extends Reply>(
  request: ApiRequest,
  { telemetry, refuse, routes }: Routes<RouteReply>,
): Promise<Reply | RouteReply> {
  const { route: name, requestId } = request;
  const route = routes[name];
  let reply: Reply | RouteReply;
  try {
    reply = route === undefined ? refuse(request, { code: 'not_found' }) : await route(request);
  } catch (error) {
    telemetry.fault(name, requestId, error);
    reply = refuse(
      request,
      error instanceof Unavailable
        ? { code: 'unavailable', retryAfterSeconds: RETRY_SECONDS }
        : { code: 'internal_error' },
    );
  }
  const { outcome, tokenId, uploadId, milestone } = reply;
  telemetry.handled({
    route: name,
    requestId,
    outcome,
    ...(tokenId && { tokenId }),
    ...(uploadId && { uploadId }),
    ...(milestone && { milestone }),
  });
  return reply;
}
