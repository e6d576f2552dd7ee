import { BodyRefused } from './body-refused.ts';
import { failure } from './failures.ts';

const NEWLINE = 0x0a;
/** Maximum length of a line in bytes. Chunk headers and trailers are shorter. */
const MAX_LINE_BYTES = 1024;

/** Reads lines and bytes from a stream of buffers. Reads ahead by at most one buffer. */
export class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Reads a line and returns it without CR LF. */
  async line(): Promise<string> {
    let end = this.#buffer.indexOf(NEWLINE);
    while (end === -1) {
      if (this.#buffer.length > MAX_LINE_BYTES) throw new BodyRefused(malformed());
      const more = await this.#more();
      if (more === undefined) throw new BodyRefused(failure('IncompleteBody'));
      this.#buffer = Buffer.concat([this.#buffer, more]);
      end = this.#buffer.indexOf(NEWLINE);
    }
    const line = this.#buffer.subarray(0, end).toString('latin1');
    this.#buffer = this.#buffer.subarray(end + 1);
    if (!line.endsWith('\r')) throw new BodyRefused(malformed());
    return line.slice(0, -1);
  }

  /** Reads exactly `count` bytes, in buffers as they arrive. */
  async *bytes(count: number): AsyncGenerator<Buffer, void, undefined> {
    let missing = count;
    while (missing > 0) {
      if (this.#buffer.length === 0) {
        const more = await this.#more();
        if (more === undefined) throw new BodyRefused(failure('IncompleteBody'));
        this.#buffer = more;
      }
      const piece = this.#buffer.subarray(0, missing);
      this.#buffer = this.#buffer.subarray(piece.length);
      missing -= piece.length;
      yield piece;
    }
  }

  /** Releases the stream, so that other code can read the rest. */
  async release(): Promise<void> {
    await this.#source.return?.();
  }

  /** Returns whether the stream has ended. */
  async atEnd(): Promise<boolean> {
    return this.#buffer.length === 0 && (await this.#more()) === undefined;
  }

  async #more(): Promise<Buffer | undefined> {
    const { done, value } = await this.#source.next();
    return done === true ? undefined : value;
  }
}

const malformed = () => failure('InvalidRequest', { message: 'The aws-chunked body is malformed.' });
