import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { epochSeconds, secondsAfter } from '../domain/ids.ts';
import { DAY_SECONDS } from '../domain/lifetime.ts';
import { conditionalWrite } from './conditional-write.ts';
import { callService } from './service-fault.ts';

const PORT = 'upload history';

/** Table with the history of uploads and upload links, and the retention of its lines. */
export interface HistoryTable {
  readonly table: string;
  readonly retentionDays: number;
}

/** Line without the ID of its upload or upload link. */
interface Line {
  readonly at: Date;
}

/**
 * Appends a line, unless it already exists. The table's keys are `uploadId` and `timeEvent` (an ISO time and the line's
 * name, joined by `#`). Lines are never changed. TTL removes them.
 *
 * @param name distinguishes lines with the same time
 */
export async function appendLine(
  client: Pick<DynamoDBDocumentClient, 'send'>,
  { table, retentionDays }: HistoryTable,
  { id, name, line: { at, ...details } }: { readonly id: string; readonly name: string; readonly line: Line },
): Promise<void> {
  const Item = {
    ...details,
    uploadId: id,
    timeEvent: `${at.toISOString()}#${name}`,
    removeAt: secondsAfter(epochSeconds(at), retentionDays * DAY_SECONDS),
  };
  const put = new PutCommand({
    TableName: table,
    Item,
    ConditionExpression: 'attribute_not_exists(uploadId)',
  });
  await conditionalWrite(PORT, () => client.send(put));
}

/** Returns all history lines of an upload or an upload link, oldest first. */
export async function linesIn(
  client: Pick<DynamoDBDocumentClient, 'send'>,
  { table }: HistoryTable,
  id: string,
): Promise<readonly Line[]> {
  const lines: Line[] = [];
  let position: Record<string, unknown> | undefined;
  do {
    const query = new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'uploadId = :uploadId',
      ExpressionAttributeValues: { ':uploadId': id },
      ConsistentRead: true,
      ExclusiveStartKey: position,
    });
    const { Items = [], LastEvaluatedKey } = await callService(PORT, () => client.send(query));
    lines.push(...(Items as Row[]).map(lineOf));
    position = LastEvaluatedKey;
  } while (position !== undefined);
  return lines;
}

interface Row {
  readonly uploadId: string;
  readonly timeEvent: string;
  readonly removeAt: number;
}

function lineOf({ timeEvent, removeAt: _removeAt, uploadId: _id, ...line }: Row): Line {
  return { ...line, at: new Date(timeEvent.slice(0, timeEvent.indexOf('#'))) };
}
