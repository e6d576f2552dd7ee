import { randomUUID } from 'node:crypto';
import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { epochSeconds, secondsAfter, type UploadId } from '../domain/ids.ts';
import type { UploadHistory } from '../domain/uploads/ports.ts';
import type { HistoryLine } from '../domain/uploads/upload.ts';
import { callService, errorName } from './service-fault.ts';

const PORT = 'upload history';
const DAY_SECONDS = 86_400;

/**
 * Stores what happened to uploads under the keys `uploadId` and `timeEvent`: an ISO time, the revision, and the event. Lines
 * are appended and never changed. TTL removes them.
 */
export class DynamoUploadHistory implements UploadHistory {
  readonly #client: Pick<DynamoDBDocumentClient, 'send'>;
  readonly #table: string;
  readonly #retentionDays: number;

  constructor(
    client: Pick<DynamoDBDocumentClient, 'send'>,
    options: { readonly table: string; readonly retentionDays: number },
  ) {
    this.#client = client;
    this.#table = options.table;
    this.#retentionDays = options.retentionDays;
  }

  async append(line: HistoryLine): Promise<void> {
    const { at, ...details } = line;
    const Item: Row = {
      ...details,
      timeEvent: `${at.toISOString()}#${nameOf(line)}`,
      removeAt: secondsAfter(epochSeconds(at), this.#retentionDays * DAY_SECONDS),
    };
    try {
      await callService(PORT, () =>
        this.#client.send(
          new PutCommand({
            TableName: this.#table,
            Item,
            ConditionExpression: 'attribute_not_exists(uploadId)',
          }),
        ),
      );
    } catch (error) {
      // The same line is there already.
      if (errorName(error) !== 'ConditionalCheckFailedException') throw error;
    }
  }

  async linesOf(uploadId: UploadId): Promise<readonly HistoryLine[]> {
    const lines: HistoryLine[] = [];
    let position: Record<string, unknown> | undefined;
    do {
      const query = new QueryCommand({
        TableName: this.#table,
        KeyConditionExpression: 'uploadId = :uploadId',
        ExpressionAttributeValues: { ':uploadId': uploadId },
        ConsistentRead: true,
        ExclusiveStartKey: position,
      });
      const { Items = [], LastEvaluatedKey } = await callService(PORT, () => this.#client.send(query));
      lines.push(...(Items as Row[]).map(lineOf));
      position = LastEvaluatedKey;
    } while (position !== undefined);
    return lines;
  }
}

type Row = Omit<HistoryLine, 'at'> & { readonly timeEvent: string; readonly removeAt: number };

/** Names a line apart from its time. Each revision has one line, and each download its own. */
function nameOf(line: HistoryLine): string {
  return line.event === 'download'
    ? `${line.event}#${randomUUID()}`
    : `${String(line.revision).padStart(6, '0')}#${line.event}`;
}

function lineOf({ timeEvent, removeAt: _removeAt, ...line }: Row): HistoryLine {
  return { ...line, at: new Date(timeEvent.slice(0, timeEvent.indexOf('#'))) } as HistoryLine;
}
