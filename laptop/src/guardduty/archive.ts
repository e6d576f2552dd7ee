import { Unzip, UnzipInflate } from 'fflate';

/** Reason why an archive cannot be scanned. */
export type ArchiveProblem = 'encrypted' | 'extreme-compression';

/** Maximum compression ratio, and the number of inflated bytes above which it applies. */
const MAX_RATIO = 100;
const SMALL_BYTES = 1024 * 1024;

/** Maximum number of compressed bytes per step. One byte can inflate to a thousand. */
const STEP_BYTES = 4096;

const LOCAL_HEADER = Buffer.from('PK\u0003\u0004');
const FLAGS_AT = 6;

/** Unpacks the files in a ZIP archive while the archive is read. Ignores bytes outside the files. */
export class Archive {
  problem: ArchiveProblem | undefined;
  readonly #unzip = new Unzip();
  readonly #onBytes: (file: number, bytes: Uint8Array) => void;
  #start: Buffer = Buffer.alloc(0);
  #state: 'unknown' | 'archive' | 'opaque' = 'unknown';
  #read = 0;
  #inflated = 0;
  #files = 0;

  /** @param onBytes receives the bytes of each file, with the file's index in the archive */
  constructor(onBytes: (file: number, bytes: Uint8Array) => void) {
    this.#onBytes = onBytes;
    this.#unzip.register(UnzipInflate);
    this.#unzip.onfile = (file) => {
      const number = this.#files++;
      file.ondata = (error, bytes) => {
        if (error !== null) throw error;
        this.#inflated += bytes.length;
        this.#onBytes(number, bytes);
      };
      file.start();
    };
  }

  push(piece: Uint8Array): void {
    if (this.#state === 'unknown') {
      this.#start = Buffer.concat([this.#start, piece]);
      if (this.#start.length <= FLAGS_AT) return;
      this.#state = this.#start.subarray(0, LOCAL_HEADER.length).equals(LOCAL_HEADER) ? 'archive' : 'opaque';
      if ((this.#start[FLAGS_AT] ?? 0) % 2 === 1) this.#stop('encrypted');
      this.#unpack(this.#start);
    } else this.#unpack(piece);
  }

  #unpack(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && this.#state === 'archive'; at += STEP_BYTES) {
      const step = bytes.subarray(at, at + STEP_BYTES);
      this.#read += step.length;
      try {
        this.#unzip.push(step);
      } catch {
        // The archive is damaged or uses an unsupported compression method.
        this.#state = 'opaque';
      }
      if (this.#inflated > SMALL_BYTES && this.#inflated > MAX_RATIO * this.#read)
        this.#stop('extreme-compression');
    }
  }

  #stop(problem: ArchiveProblem): void {
    if (this.#state !== 'archive') return;
    this.problem = problem;
    this.#state = 'opaque';
  }
}
