import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { scanned } from '../tables/rows.ts';
import type { Tables } from '../tables/tables.ts';
import type { Person } from './person.ts';

/**
 * Deletes a person's request counters, and the second chances of the person's links. TTL would also delete these rows,
 * but only after they expire, which takes up to a day.
 *
 * @returns the number of deleted rows
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
