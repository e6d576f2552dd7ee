import { Readable } from 'node:stream';

/**
 * Bytes of the longest response that Lambda streams; whatever is longer is cut. Lambda's and API Gateway's bandwidth
 * (2 MB/s beyond the first 6 or 10 MB) is not imitated: nobody wants to wait for their own machine.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
 */
const MAX_STREAMED_BYTES = 200 * 1024 * 1024;

/** Emitted whenever bytes arrive or are taken. */
export const MOVED = 'moved';

/**
 * A response as a function streams it: ends where the function ends it, and fails with what kept the function from
 * that. It holds one chunk at most, and the next one is not asked for until that one is taken. Whoever stops reading
 * destroys it, which the function learns.
 */
export class ResponseBody extends Readable {
  #taken: (() => void) | undefined;
  #bytes = 0;
  #cut = false;

  constructor() {
    super({ highWaterMark: 0 });
    // A failure that comes when nobody reads is no crash.
    this.on('error', () => undefined);
  }

  /** Whether it was longer than Lambda allows. */
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

  /** Says that the response is complete. */
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
