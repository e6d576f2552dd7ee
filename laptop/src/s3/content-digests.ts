import { Md5 } from '@aws-sdk/checksums/md5';
import { type Checksum, type ChecksumAlgorithm, type Digest, startDigest } from './checksums.ts';

/** The length and the digests of a body or a file. */
export interface ContentFacts {
  /** Length in bytes. */
  readonly size: number;
  /** In hex. */
  readonly md5: string;
  /** @throws if the algorithm was not requested */
  checksum(algorithm: ChecksumAlgorithm): Checksum;
}

/** Counts and digests bytes as they are streamed, without buffering them or reading them twice. */
export class ContentDigests {
  readonly #md5: Digest = new Md5();
  readonly #digests: ReadonlyMap<ChecksumAlgorithm, Digest>;
  #size = 0;

  constructor(...algorithms: readonly ChecksumAlgorithm[]) {
    this.#digests = new Map(algorithms.map((algorithm) => [algorithm, startDigest(algorithm)]));
  }

  update(piece: Buffer): void {
    this.#size += piece.length;
    this.#md5.update(piece);
    for (const digest of this.#digests.values()) digest.update(piece);
  }

  /** Digests a stream, and yields it unchanged. */
  async *measure(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
    for await (const piece of pieces) {
      this.update(piece);
      yield piece;
    }
  }

  /** Returns the length and digests. Call it once, after the last byte. */
  async finish(): Promise<ContentFacts> {
    const md5 = Buffer.from(await this.#md5.digest()).toString('hex');
    const values = new Map<ChecksumAlgorithm, string>();
    for (const [algorithm, digest] of this.#digests) {
      values.set(algorithm, Buffer.from(await digest.digest()).toString('base64'));
    }
    return {
      size: this.#size,
      md5,
      checksum: (algorithm) => {
        const value = values.get(algorithm);
        if (value === undefined) throw new Error(`The ${algorithm} checksum was not requested.`);
        return { algorithm, value };
      },
    };
  }
}
