import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { scanned } from '../tables/rows.ts';
import type { Tables } from '../tables/tables.ts';
import type { Person } from './person.ts';

/**
 * Removes the counters of a person's requests; they would leave by TTL within a day.
 *
 * @returns how many there were
 */
export async function forgetCounters(
  tables: Pick<Tables, 'client' | 'quotaTable' | 'signal'>,
  { pseudonym }: Person,
): Promise<number> {
  const counters = scanned<{ readonly counter: string }>(tables, {
    TableName: tables.quotaTable,
    // Names are `cooldown/PSEUDONYM/asset` and the like (lambda/domain/quota-rules.ts); `counter` is a reserved word.
    FilterExpression: 'contains(#counter, :pseudonym)',
    ProjectionExpression: '#counter',
    ExpressionAttributeNames: { '#counter': 'counter' },
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
