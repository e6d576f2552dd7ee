import { closeSync, createReadStream, openSync } from 'node:fs';
import type { Bucket } from './bucket.ts';
import type { ObjectVersion } from './object-record.ts';

/** A range of bytes in an open file. Both ends are inclusive. */
interface OpenSlice {
  readonly descriptor: number;
  readonly start: number;
  readonly end: number;
}

/** Bytes of an object. The files are opened immediately, so the bytes can be read even if the object is deleted. */
export class StoredBytes {
  readonly #unread: OpenSlice[] = [];

  /**
   * Opens the files that contain a range of bytes.
   *
   * @param range offsets of the first and the last byte. If the end is before the start, there are no bytes
   */
  constructor(
    bucket: Bucket,
    key: string,
    object: ObjectVersion,
    { start, end }: { readonly start: number; readonly end: number },
  ) {
    const sizes = object.parts?.map(({ size }) => size) ?? [object.size];
    let before = 0;
    for (const [index, path] of bucket.pathsOf(key, object).entries()) {
      const size = sizes[index] ?? 0;
      const [first, last] = [Math.max(start - before, 0), Math.min(end - before, size - 1)];
      before += size;
      if (first <= last) this.#unread.push({ descriptor: openSync(path, 'r'), start: first, end: last });
    }
  }

  /** Reads the bytes in order. Call it only once. */
  async *read(): AsyncGenerator<Buffer, void, undefined> {
    for (let next = this.#unread.shift(); next !== undefined; next = this.#unread.shift()) {
      const { descriptor: fd, start, end } = next;
      yield* createReadStream('', { fd, start, end });
    }
  }

  /** Closes the files that are not being read yet. A stream closes the file that it reads. */
  close(): void {
    for (const { descriptor } of this.#unread.splice(0)) closeSync(descriptor);
  }
}
