import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Reply, type Routes, replyTo } from './api-handler.ts';
import { readRequest } from './request.ts';

/** Response with a file, and functions to close the file and to record the outcome. */
export interface StreamedReply extends Reply {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Closes the file, so that a pending read fails. */
  readonly abort: () => void;
  /**
   * Records how streaming ended.
   *
   * @param bytes number of bytes that Lambda accepted
   */
  readonly ended: (outcome: 'delivered' | 'aborted', bytes: number) => Promise<void>;
}

/** Begins the response: status and headers are sent with the first write. */
export type BeginResponse = (head: {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
}) => Writable;

/** Time reserved before Lambda's timeout for recording that streaming was cut off, in milliseconds. */
const TIME_TO_NOTE = 8000;

/**
 * Creates the handler of routes whose responses may be files of any size. Bytes are read only as fast as the client
 * accepts them. The handler returns once the response has been sent or cannot be sent. It throws only to make Lambda
 * cut the connection, so that the client does not mistake part of the file for the whole file.
 */
export function createStreamingHandler(routes: Routes<Reply | StreamedReply>) {
  const { telemetry } = routes;
  return async (event: unknown, begin: BeginResponse, remainingMs: () => number): Promise<void> => {
    const request = readRequest(event, routes.proxySecretSha256);
    const reply = await replyTo(request, routes);
    const { response } = reply;
    const sink = begin({
      statusCode: response.statusCode,
      headers: (response.headers ?? {}) as Readonly<Record<string, string>>,
    });
    // The first write sends the headers, so a write is needed even if the body is empty.
    sink.write('');
    if (!('bytes' in reply)) {
      await pipeline([response.body], sink);
      return;
    }

    const sent = await send(reply, sink, AbortSignal.timeout(Math.max(0, remainingMs() - TIME_TO_NOTE)));
    await reply.ended(sent.outcome, sent.bytes);
    telemetry.handled({
      route: request.route,
      requestId: request.requestId,
      ...(reply.tokenId && { tokenId: reply.tokenId }),
      outcome: sent.outcome,
      bytes: sent.bytes,
      milestone: MILESTONES[sent.outcome],
    });
    if (sent.outcome === 'aborted' && sent.fault !== undefined) {
      telemetry.fault(request.route, request.requestId, sent.fault);
      throw sent.fault;
    }
  };
}

const MILESTONES = { delivered: 'StreamDelivered', aborted: 'StreamAborted' } as const;

type Sent =
  | { readonly outcome: 'delivered'; readonly bytes: number }
  /** `fault` is set unless the client disconnected. */
  | { readonly outcome: 'aborted'; readonly bytes: number; readonly fault?: unknown };

async function send(
  { bytes: source, abort }: StreamedReply,
  sink: Writable,
  deadline: AbortSignal,
): Promise<Sent> {
  let bytes = 0;
  let fault: unknown;
  // A source that is waiting for bytes would not notice that the client has disconnected or that the deadline has
  // closed the sink.
  sink.once('close', abort);
  async function* counted(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of source) {
        yield chunk;
        // Lambda requests the next chunk only after it has accepted this one.
        bytes += chunk.length;
      }
    } catch (cause) {
      if (!sink.destroyed) fault = cause;
      throw cause;
    }
  }
  try {
    await pipeline(counted, sink, { signal: deadline });
    return { outcome: 'delivered', bytes };
  } catch (cause) {
    fault ??= deadline.aborted ? cause : undefined;
    return { outcome: 'aborted', bytes, ...(fault !== undefined && { fault }) };
  } finally {
    abort();
  }
}
