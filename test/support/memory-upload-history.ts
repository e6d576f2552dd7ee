import type { UploadId } from '../../lambda/domain/ids.ts';
import type { UploadHistory } from '../../lambda/domain/uploads/ports.ts';
import type { HistoryLine } from '../../lambda/domain/uploads/upload.ts';

/** An in-memory history. Like the table it has one line per upload, time, and event, and never overwrites one. */
export class MemoryUploadHistory implements UploadHistory {
  readonly #lines = new Map<string, HistoryLine>();

  async append(line: HistoryLine): Promise<void> {
    const key = keyOf(line);
    if (!this.#lines.has(key)) this.#lines.set(key, structuredClone(line));
  }

  async linesOf(uploadId: UploadId): Promise<readonly HistoryLine[]> {
    return [...this.#lines.values()]
      .filter((line) => line.uploadId === uploadId)
      .toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  }

  /** Returns the events of an upload, oldest first. */
  async eventsOf(uploadId: UploadId): Promise<readonly string[]> {
    return (await this.linesOf(uploadId)).map(({ event }) => event);
  }
}

function keyOf({ uploadId, at, event }: HistoryLine): string {
  return `${uploadId} ${at.toISOString()}#${event}`;
}
