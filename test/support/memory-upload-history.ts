import type { UploadId } from '../../lambda/domain/ids.ts';
import type { UploadHistory } from '../../lambda/domain/uploads/ports.ts';
import type { HistoryLine } from '../../lambda/domain/uploads/upload.ts';

/** An in-memory history. Like the table, it never overwrites a line. */
export class MemoryUploadHistory implements UploadHistory {
  readonly #lines = new Map<string, HistoryLine>();

  /** All lines, in the order in which they were written. */
  get lines(): readonly HistoryLine[] {
    return [...this.#lines.values()];
  }

  async append(line: HistoryLine): Promise<void> {
    const key = line.event === 'download' ? `${keyOf(line)} ${this.#lines.size}` : keyOf(line);
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

function keyOf(line: HistoryLine): string {
  const { uploadId, at, event } = line;
  const revision = 'revision' in line ? `${String(line.revision).padStart(6, '0')}#` : '';
  return `${uploadId} ${at.toISOString()}#${revision}${event}`;
}
