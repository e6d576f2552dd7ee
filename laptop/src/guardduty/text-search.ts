/** Finds strings in bytes that arrive in chunks. Its buffer is always shorter than the longest string. */
export class TextSearch {
  readonly #texts: readonly string[];
  readonly #keep: number;
  #tail: Buffer = Buffer.alloc(0);
  readonly found = new Set<string>();

  constructor(texts: readonly string[]) {
    this.#texts = texts;
    this.#keep = Math.max(...texts.map((text) => Buffer.byteLength(text))) - 1;
  }

  push(piece: Uint8Array): void {
    const bytes = Buffer.concat([this.#tail, piece]);
    for (const text of this.#texts) if (bytes.includes(text)) this.found.add(text);
    // Copied, so that the chunk can be freed.
    this.#tail = Buffer.from(bytes.subarray(Math.max(0, bytes.length - this.#keep)));
  }
}
