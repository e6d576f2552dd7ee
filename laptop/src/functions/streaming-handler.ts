/* Runs in a worker. Implements the global object that functions use to declare that they stream. */
import { HttpResponseStream, type ResponseStream } from './response-stream.ts';

/** A handler that writes its response instead of returning it. */
export type StreamingHandler = (event: unknown, response: ResponseStream, context: unknown) => unknown;

/**
 * The symbols that mark a streaming handler. They are the same as in Lambda's runtime, because libraries that wrap
 * handlers copy them.
 */
const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const HIGH_WATER_MARK = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark');

type Marked = object & { readonly [STREAMING]?: unknown; readonly [HIGH_WATER_MARK]?: unknown };

/**
 * Creates the global `awslambda`, which bundles use while they load.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html
 */
export function installAwsLambda(): void {
  const streamifyResponse = (handler: object, options?: { readonly highWaterMark?: number }): object =>
    Object.assign(handler, {
      [STREAMING]: 'response',
      ...(options?.highWaterMark === undefined ? {} : { [HIGH_WATER_MARK]: options.highWaterMark }),
    });
  Object.assign(globalThis, { awslambda: { streamifyResponse, HttpResponseStream } });
}

/** Returns the options of a handler's response stream, or undefined if the handler does not stream. */
export function streamOptionsOf(handler: Marked): { readonly highWaterMark?: number } | undefined {
  if (handler[STREAMING] !== 'response') return undefined;
  const highWaterMark = handler[HIGH_WATER_MARK];
  return typeof highWaterMark === 'number' ? { highWaterMark } : {};
}
