import type { AppliedWrite } from './dynamo/memory-tables.ts';

/** A record of a stream, as Lambda delivers it. */
export interface StreamRecord {
  readonly eventSourceARN: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly userIdentity?: object;
  readonly dynamodb: { readonly SequenceNumber: string; readonly ApproximateCreationDateTime: number };
}

/** The `userIdentity` in the stream record of a row that TTL removed. */
export const TTL = { type: 'Service', principalId: 'dynamodb.amazonaws.com' };

/** Converts a value to a DynamoDB attribute, without undefined members. */
function attribute(value: unknown): object {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (Array.isArray(value)) return { L: value.map(attribute) };
  return { M: image(value as object) };
}

function image(row: object): object {
  const members = Object.entries(row).filter(([, value]) => value !== undefined);
  return Object.fromEntries(members.map(([name, value]) => [name, attribute(value)]));
}

export function streamRecord(
  { table, before, after }: Pick<AppliedWrite, 'table' | 'before' | 'after'>,
  { at, sequenceNumber, by }: { readonly at: Date; readonly sequenceNumber: number; readonly by?: object },
): StreamRecord {
  return {
    eventSourceARN: `arn:aws:dynamodb:eu-central-1:111122223333:table/${table}/stream/2031-01-01T00:00:00.000`,
    eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
    ...(by && { userIdentity: by }),
    dynamodb: {
      SequenceNumber: String(sequenceNumber).padStart(21, '0'),
      ApproximateCreationDateTime: Math.floor(at.getTime() / 1000),
      ...(before && { OldImage: image(before) }),
      ...(after && { NewImage: image(after) }),
    },
  };
}
