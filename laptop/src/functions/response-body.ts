import { Readable } from 'node:stream';

/**
 * The maximum length of a streamed response in bytes. Lambda cuts longer ones. Local mode does not limit the bandwidth, as
 * Lambda and API Gateway do (2 MB/s beyond the first 6 or 10 MB).
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
 */
const MAX_STREAMED_BYTES = 200 * 1024 * 1024;

/** Emitted whenever bytes arrive or are taken. */
export const MOVED = 'moved';

/**
 * The response of a streaming function. It ends when the function ends it, and fails if the function fails before that. It
 * holds one chunk at most, and requests the next one when the reader has taken it. A reader that stops destroys it, and the
 * function learns that.
 */
export class ResponseBody extends Readable {
  #taken: (() => void) | undefined;
  #bytes = 0;
  #cut = false;

  constructor() {
    super({ highWaterMark: 0 });
    // A failure without a reader must not crash the process.
    this.on('error', () => undefined);
  }

  /** Whether the response was longer than Lambda allows. */
  get wasCut(): boolean {
    return this.#cut;
  }

  /** Hands over a chunk, which must not be empty. `taken` is called when the reader asks for the next one. */
  deliver(bytes: Uint8Array, taken: () => void): void {
    if (this.destroyed) return;
    this.#bytes += bytes.length;
    if (this.#bytes > MAX_STREAMED_BYTES) {
      this.#cut = true;
      this.destroy(new Error(`The response is longer than ${MAX_STREAMED_BYTES} bytes.`));
      return;
    }
    this.#taken = taken;
    this.emit(MOVED);
    this.push(bytes);
  }

  /** Ends the response. */
  finish(): void {
    this.push(null);
  }

  override _read(): void {
    const taken = this.#taken;
    if (taken === undefined) return;
    this.#taken = undefined;
    this.emit(MOVED);
    taken();
  }
}
