import type { UploadId } from '../../lambda/domain/ids.ts';
import type { Pile, PilePosition, Uploads } from '../../lambda/domain/uploads/ports.ts';
import { hasEnded } from '../../lambda/domain/uploads/states.ts';
import type { Upload } from '../../lambda/domain/uploads/upload.ts';

/** Called with every applied write, before its response is sent. */
type OnWrite = (before: Upload | undefined, after: Upload) => void;

/** In-memory uploads. Writes have the same conditions as in DynamoDB. */
export class MemoryUploads implements Uploads {
  /** The raw rows, for tests that bypass the port. */
  readonly rows = new Map<UploadId, Upload>();
  onWrite: OnWrite = () => undefined;

  async open(upload: Upload): Promise<Upload> {
    const standing = this.rows.get(upload.uploadId);
    if (standing === undefined) this.#put(undefined, upload);
    return structuredClone(standing ?? upload);
  }

  async find(uploadId: UploadId): Promise<Upload | undefined> {
    return structuredClone(this.rows.get(uploadId));
  }

  async change(from: Upload, to: Upload): Promise<'changed' | 'stale'> {
    const standing = this.rows.get(from.uploadId);
    if (standing?.revision !== from.revision || standing.state !== from.state) return 'stale';
    this.#put(standing, to);
    return 'changed';
  }

  async pile(
    pile: Pile,
    { limit, after, dueUntil = Number.POSITIVE_INFINITY }: Parameters<Uploads['pile']>[1],
  ): Promise<{ readonly uploads: readonly Upload[]; readonly next?: PilePosition }> {
    const due = [...this.rows.values()]
      .filter((upload) => pileOf(upload) === pile && upload.dueAt <= dueUntil)
      .toSorted((one, other) => one.dueAt - other.dueAt || (one.uploadId < other.uploadId ? -1 : 1));
    const start = after === undefined ? 0 : due.findIndex((upload) => positionOf(upload) === after) + 1;
    const uploads = due.slice(start, start + limit);
    const last = uploads.at(-1);
    return {
      uploads: structuredClone(uploads),
      ...(last !== undefined && uploads.length === limit && { next: positionOf(last) }),
    };
  }

  #put(before: Upload | undefined, after: Upload): void {
    this.rows.set(after.uploadId, structuredClone(after));
    this.onWrite(before, after);
  }
}

function pileOf(upload: Upload): Pile {
  return hasEnded(upload) && !upload.closed ? 'closing' : upload.state;
}

function positionOf({ dueAt, uploadId }: Upload): PilePosition {
  return `${dueAt}.${uploadId}`;
}
