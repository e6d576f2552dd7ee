/* Runs inside a worker: the part of Lambda's Node.js runtime that a streaming function sees. */
import { Writable } from 'node:stream';

/** Where the bytes of a response go. */
export interface Outlet {
  /** Sends bytes, which are the outlet's from now on. `taken` is called once the reader has them. */
  send(bytes: Uint8Array<ArrayBuffer>, taken: () => void): void;
  /** Says that the response is complete. */
  end(): void;
}

type Done = (error?: Error | null) => void;

/** Bytes that are on their way to the reader at a time, however much a function writes at once. */
const PIECE_BYTES = 64 * 1024;

/**
 * What a streaming function writes its response to. A write is done once the reader has its bytes, so that a function
 * which waits for `drain` or for its callback, as `pipeline` does, is never further ahead than one piece and what a
 * writable holds anyway.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html
 */
export class ResponseStream extends Writable {
  readonly #outlet: Outlet;
  #inFlight: Done | undefined;
  #begun = false;
  /** As Lambda's runtime has it: called by the first `write`, and by nothing else. */
  _onBeforeFirstWrite: ((write: (bytes: string | Uint8Array) => void) => void) | undefined;

  constructor(outlet: Outlet, options: { readonly highWaterMark?: number }) {
    super(options);
    this.#outlet = outlet;
  }

  /**
   * API Gateway goes by the form of the response and not by its type, so that nothing becomes of it here.
   *
   * @throws once something is written
   */
  setContentType(_contentType: string): void {
    if (!this.#begun) return;
    const error = new Error('Cannot set content-type, too late.');
    error.name = 'InvalidStreamingOperation';
    throw error;
  }

  /**
   * Objects are written in JSON. As on Lambda, `end` without any `write` sends no metadata, not even if it is given
   * the body: API Gateway then has no valid answer.
   */
  override write(chunk: unknown, encoding?: BufferEncoding | Done, done?: Done): boolean {
    if (!this.#begun) {
      this.#begun = true;
      this._onBeforeFirstWrite?.((bytes) => super.write(bytes));
    }
    const data = typeof chunk === 'string' || chunk instanceof Uint8Array ? chunk : JSON.stringify(chunk);
    return typeof encoding === 'string'
      ? super.write(data, encoding, done)
      : super.write(data, encoding ?? done);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#inFlight = done;
    this.#send(chunk);
  }

  override _final(done: Done): void {
    this.#outlet.end();
    done();
  }

  override _destroy(error: Error | null, done: Done): void {
    // Whoever waits for the bytes on their way learns that they never arrive.
    this.#settle(error ?? new Error('The response stream was destroyed.'));
    done(error);
  }

  #send(rest: Buffer): void {
    if (this.destroyed) return;
    if (rest.length === 0) {
      this.#settle();
      return;
    }
    // A copy: the function may do with its own buffer what it likes, and a view would drag its whole pool along.
    const piece = new Uint8Array(rest.subarray(0, PIECE_BYTES));
    this.#outlet.send(piece, () => this.#send(rest.subarray(PIECE_BYTES)));
  }

  #settle(error?: Error): void {
    const done = this.#inFlight;
    this.#inFlight = undefined;
    done?.(error);
  }
}

/** What API Gateway recognises the end of the metadata by: eight NUL bytes, which JSON cannot hold. */
const DELIMITER = new Uint8Array(8);

/** `awslambda.HttpResponseStream` */
export const HttpResponseStream = {
  /**
   * Puts status and headers before what is written to a response stream.
   *
   * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
   */
  from(stream: ResponseStream, metadata: unknown): ResponseStream {
    stream.setContentType('application/vnd.awslambda.http-integration-response');
    const prelude = JSON.stringify(metadata);
    stream._onBeforeFirstWrite = (write) => {
      write(prelude);
      write(DELIMITER);
    };
    return stream;
  },
};
