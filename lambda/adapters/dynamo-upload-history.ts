import { randomUUID } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { UploadId } from '../domain/ids.ts';
import type { UploadHistory } from '../domain/uploads/ports.ts';
import type { HistoryLine } from '../domain/uploads/upload.ts';
import { appendLine, type HistoryTable, linesIn } from './history-lines.ts';

/** Stores the history of uploads. Each revision and each download has its own line. */
export class DynamoUploadHistory implements UploadHistory {
  readonly #client: Pick<DynamoDBDocumentClient, 'send'>;
  readonly #table: HistoryTable;

  constructor(client: Pick<DynamoDBDocumentClient, 'send'>, table: HistoryTable) {
    this.#client = client;
    this.#table = table;
  }

  async append({ uploadId, ...line }: HistoryLine): Promise<void> {
    const name =
      line.event === 'download'
        ? `${line.event}#${randomUUID()}`
        : `${String(line.revision).padStart(6, '0')}#${line.event}`;
    await appendLine(this.#client, this.#table, { id: uploadId, name, line });
  }

  async linesOf(uploadId: UploadId): Promise<readonly HistoryLine[]> {
    const lines = await linesIn(this.#client, this.#table, uploadId);
    return lines.map((line) => ({ ...line, uploadId }) as HistoryLine);
  }
}
