import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { APIGatewayProxyResult } from 'aws-lambda';
import type { MintDependencies } from '../../lambda/handlers/mint.ts';
import { isDisposable } from '../../lambda/http/disposable-address.ts';
import { deliveriesOf } from '../../lambda/http/link-request.ts';
import type { BeginResponse } from '../../lambda/http/streaming-handler.ts';
import type { ApiEvent } from '../../laptop/test/support/api-event.ts';
import { MemoryTelemetry } from './memory-telemetry.ts';
import { createMemoryWorld } from './memory-world.ts';

/** The origins of a deployment. */
export const PUBLIC_ORIGIN = 'https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/v1';
export const FILES_ORIGIN = 'https://bucket.s3.us-east-1.amazonaws.com';

/** Creates every in-memory port, and the other dependencies of handlers. */
export function createHandlerWorld() {
  const telemetry = new MemoryTelemetry();
  const waits: number[] = [];
  return {
    ...createMemoryWorld(),
    telemetry,
    report: telemetry.report,
    publicOrigin: PUBLIC_ORIGIN,
    filesOrigin: FILES_ORIGIN,
    brand: {},
    isDisposable: (address: Parameters<typeof isDisposable>[0]) => isDisposable(address, []),
    allowedOrigins: [] as readonly string[],
    proofs: undefined as MintDependencies['proofs'],
    deliveries: deliveriesOf(undefined),
    proxySecretSha256: undefined as string | undefined,
    waits,
    waitUntil: async (moment: number) => {
      waits.push(moment);
    },
  };
}

export type HandlerWorld = ReturnType<typeof createHandlerWorld>;

/** A response. `json` is the parsed body, or empty if the body is not JSON. */
export interface HandlerResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** Calls a handler as Lambda does. */
export async function call(
  handler: (event: unknown) => Promise<APIGatewayProxyResult>,
  event: ApiEvent,
): Promise<HandlerResponse> {
  const { statusCode, headers = {}, body } = await handler(event);
  const isJson = /json/.test(String(headers['Content-Type'] ?? ''));
  return {
    status: statusCode,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    body,
    json: isJson ? (JSON.parse(body) as Record<string, unknown>) : {},
  };
}

/** Runs a streaming handler as Lambda does, and reads its response. */
export async function callStreaming(
  run: (begin: BeginResponse) => Promise<void>,
): Promise<Omit<HandlerResponse, 'json'>> {
  const sink = new PassThrough();
  const heads: Parameters<BeginResponse>[0][] = [];
  const [body] = await Promise.all([
    text(sink),
    run((head) => {
      heads.push(head);
      return sink;
    }),
  ]);
  const [head] = heads;
  if (head === undefined) throw new Error('no response');
  return { status: head.statusCode, headers: head.headers, body };
}
