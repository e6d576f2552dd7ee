import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { scanned } from '../tables/rows.ts';
import type { Tables } from '../tables/tables.ts';
import type { Person } from './person.ts';

/**
 * Deletes the counters of a person's requests, and second chances of links to them. They are over within a day, and TTL would
 * delete them.
 *
 * @returns how many were deleted
 */
export async function forgetCounters(
  tables: Pick<Tables, 'client' | 'quotaTable' | 'signal'>,
  { pseudonym }: Person,
): Promise<number> {
  const counters = scanned<{ readonly counter: string }>(tables, {
    TableName: tables.quotaTable,
    // Counters have names such as `cooldown/PSEUDONYM/asset`. `counter` is a reserved word.
    FilterExpression: 'contains(#counter, :pseudonym) OR #record.recipient.pseudonym = :pseudonym',
    ProjectionExpression: '#counter',
    ExpressionAttributeNames: { '#counter': 'counter', '#record': 'record' },
    ExpressionAttributeValues: { ':pseudonym': pseudonym },
  });
  let removed = 0;
  for await (const { counter } of counters) {
    const row = { TableName: tables.quotaTable, Key: { counter } };
    const { Attributes } = await tables.client.send(new DeleteCommand({ ...row, ReturnValues: 'ALL_OLD' }), {
      abortSignal: tables.signal,
    });
    if (Attributes !== undefined) removed += 1;
  }
  return removed;
}
