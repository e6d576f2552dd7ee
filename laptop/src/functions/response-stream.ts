/* Runs in a worker. Implements the response stream that Lambda's Node.js runtime passes to a streaming function. */
import { Writable } from 'node:stream';

/** The destination of a response's bytes. */
export interface Outlet {
  /** Sends bytes and takes ownership of them. Calls `taken` once the reader has taken them. */
  send(bytes: Uint8Array<ArrayBuffer>, taken: () => void): void;
  end(): void;
}

type Done = (error?: Error | null) => void;

/** Maximum number of bytes in flight to the reader, regardless of the size of a write. */
const PIECE_BYTES = 64 * 1024;

/**
 * The stream that a function writes its response to. A write completes once the reader has taken its bytes. A function
 * that waits for `drain` or the callback, as `pipeline` does, is therefore ahead of the reader by at most one piece and
 * the stream's buffer.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html
 */
export class ResponseStream extends Writable {
  readonly #outlet: Outlet;
  #inFlight: Done | undefined;
  #begun = false;
  /** Called by the first `write`, as in Lambda's runtime. */
  _onBeforeFirstWrite: ((write: (bytes: string | Uint8Array) => void) => void) | undefined;

  constructor(outlet: Outlet, options: { readonly highWaterMark?: number }) {
    super(options);
    this.#outlet = outlet;
  }

  /**
   * Ignores the content type, because API Gateway recognizes a streamed response by the format of its bytes.
   *
   * @throws if the function has already written something
   */
  setContentType(_contentType: string): void {
    if (!this.#begun) return;
    const error = new Error('Cannot set content-type, too late.');
    error.name = 'InvalidStreamingOperation';
    throw error;
  }

  /**
   * Writes a chunk. Objects are written as JSON. As on Lambda, only `write` sends the metadata: if a function passes
   * the whole body to `end`, API Gateway receives an invalid response.
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
    // Fails the pending write, because its bytes will not arrive.
    this.#settle(error ?? new Error('The response stream was destroyed.'));
    done(error);
  }

  #send(rest: Buffer): void {
    if (this.destroyed) return;
    if (rest.length === 0) {
      this.#settle();
      return;
    }
    // Copied, because the function may reuse its buffer, and transferring a view would transfer Node's whole pool.
    const piece = new Uint8Array(rest.subarray(0, PIECE_BYTES));
    this.#outlet.send(piece, () => this.#send(rest.subarray(PIECE_BYTES)));
  }

  #settle(error?: Error): void {
    const done = this.#inFlight;
    this.#inFlight = undefined;
    done?.(error);
  }
}

/** The delimiter that ends the metadata: eight NUL bytes, which JSON cannot contain. */
const DELIMITER = new Uint8Array(8);

/** Lambda's global `awslambda.HttpResponseStream`. */
export const HttpResponseStream = {
  /**
   * Makes a response stream send status and headers before the first bytes.
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
