import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Reply, type Routes, replyTo } from './api-handler.ts';
import { readRequest } from './request.ts';

/** Represents an answer that is a file, with what to do once it was sent, or was not. */
export interface StreamedReply extends Reply {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Closes the file: a reader that waits for its next bytes gets an error instead. */
  readonly abort: () => void;
  /**
   * Notes how the streaming ended.
   *
   * @param bytes how many the platform took
   */
  readonly ended: (outcome: 'delivered' | 'aborted', bytes: number) => Promise<void>;
}

/** Begins the answer: its status and headers go out with the first write. */
export type BeginAnswer = (head: {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
}) => Writable;

/** Reserves time to note that Lambda's own timeout cut the streaming short, in milliseconds. */
const TIME_TO_NOTE = 8000;

/**
 * Creates the handler of routes whose answers may be files of any size. Bytes go out as fast as the caller takes them,
 * and no faster are they read. The handler returns once the answer is sent or cannot be. It throws only if the platform
 * must cut the connection, so that nobody takes a part for the whole.
 */
export function createStreamingHandler(routes: Routes<Reply | StreamedReply>) {
  const { telemetry } = routes;
  return async (event: unknown, begin: BeginAnswer, remainingMs: () => number): Promise<void> => {
    const request = readRequest(event, routes.proxySecretSha256);
    const reply = await replyTo(request, routes);
    const { response } = reply;
    const sink = begin({
      statusCode: response.statusCode,
      headers: (response.headers ?? {}) as Readonly<Record<string, string>>,
    });
    // The first write sends the headers, so there has to be one even if the body is empty.
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
  /** `fault` is set if the caller was not the one that disconnected. */
  | { readonly outcome: 'aborted'; readonly bytes: number; readonly fault?: unknown };

async function send(
  { bytes: source, abort }: StreamedReply,
  sink: Writable,
  deadline: AbortSignal,
): Promise<Sent> {
  let bytes = 0;
  let fault: unknown;
  // A source that has nothing to give would not notice by itself that nobody waits for it any more: the caller
  // disconnected, or the deadline closed the sink.
  sink.once('close', abort);
  async function* counted(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of source) {
        yield chunk;
        // The next chunk was requested, so this one was taken.
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
