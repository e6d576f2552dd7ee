import { Readable } from 'node:stream';

/**
 * Maximum length of a streamed response in bytes. Lambda truncates longer responses. Local mode does not limit the
 * bandwidth. Lambda and API Gateway limit it to 2 MB/s after the first 6 or 10 MB.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
 */
const MAX_STREAMED_BYTES = 200 * 1024 * 1024;

/** Name of the event that is emitted when bytes arrive or are taken. */
export const MOVED = 'moved';

/**
 * The body of a streamed response. It ends when the function ends the response, and fails if the function fails before
 * that. It buffers at most one chunk, and requests the next one when the reader has taken it. If the reader destroys
 * the body, the function's response stream fails.
 */
export class ResponseBody extends Readable {
  #taken: (() => void) | undefined;
  #bytes = 0;
  #cut = false;

  constructor() {
    super({ highWaterMark: 0 });
    // Without a listener, a failure would crash the process.
    this.on('error', () => undefined);
  }

  /** True if the response was truncated because it exceeded Lambda's limit. */
  get wasCut(): boolean {
    return this.#cut;
  }

  /** Adds a chunk, which must not be empty. Calls `taken` when the reader requests the next one. */
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
