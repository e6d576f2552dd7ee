import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type DynaliteServer, startDynalite } from '../support/dynalite-server.ts';
import { readCondition } from '../support/dynamo/condition-expression.ts';
import { MemoryTables } from '../support/dynamo/memory-tables.ts';
import { readUpdate } from '../support/dynamo/update-expression.ts';

let dynamo: DynaliteServer;
let real: DynamoDBDocumentClient;

beforeAll(async () => {
  dynamo = await startDynalite();
  real = dynamo.client();
});
afterAll(() => dynamo.close());

// Random conditions on attributes that are present, absent, or of a different type than the value.
const attribute = fc.constantFrom('tokenId', 'count', 'name', 'absent');
const value = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('a', 'b', 'c'));
const simple = fc.oneof(
  attribute.map((name) => ({ text: `attribute_exists(#${name})`, names: [name], values: [] as unknown[] })),
  attribute.map((name) => ({
    text: `attribute_not_exists(#${name})`,
    names: [name],
    values: [] as unknown[],
  })),
  fc
    .tuple(attribute, fc.constantFrom('=', '<', '<=', '>', '>='), value)
    .map(([name, operator, right]) => ({ text: `#${name} ${operator} :v`, names: [name], values: [right] })),
);
const condition = fc
  .tuple(
    fc.array(simple, { minLength: 1, maxLength: 4 }),
    fc.array(fc.constantFrom(' AND ', ' OR ', ') AND (', ') OR ('), { minLength: 3, maxLength: 3 }),
  )
  .map(([terms, glue]) => {
    const names: Record<string, string> = {};
    const values: Record<string, unknown> = {};
    let text = '(';
    for (const [index, term] of terms.entries()) {
      if (index > 0) text += glue[index - 1];
      text += term.text.replace(':v', `:v${index}`);
      for (const name of term.names) names[`#${name}`] = name;
      if (term.values.length > 0) values[`:v${index}`] = term.values[0];
    }
    return { text: `${text})`, names, values };
  });

const row = fc.record({ count: value, name: value }, { requiredKeys: [] });

/** Returns the errors that the commands cause in a store, and the row that they leave behind. */
async function outcome(
  send: (command: object) => Promise<unknown>,
  commands: readonly object[],
  tokenId: string,
) {
  const errors: string[] = [];
  for (const command of commands) {
    await send(command).catch((error: Error) => errors.push(error.name));
  }
  const { Item } = (await send(
    new GetCommand({ TableName: 'tokens', Key: { tokenId }, ConsistentRead: true }),
  )) as { Item?: object };
  return { errors, Item };
}

describe('in-memory tables', () => {
  test('decide every conditional write like DynamoDB', async () => {
    let runs = 0;
    const operation = fc.constantFrom('put', 'update', 'delete');
    await fc.assert(
      fc.asyncProperty(fc.option(row), operation, row, condition, async (before, kind, after, written) => {
        runs += 1;
        const tokenId = `t${runs}`;
        const { text: ConditionExpression, names, values } = written;
        const placeholders = {
          ExpressionAttributeNames: names,
          ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
        };
        const decided = { TableName: 'tokens', ConditionExpression, ...placeholders };
        const write = {
          put: new PutCommand({ ...decided, Item: { tokenId, ...after } }),
          delete: new DeleteCommand({ ...decided, Key: { tokenId } }),
          update: new UpdateCommand({
            ...decided,
            Key: { tokenId },
            UpdateExpression: 'SET mailedAt = :set',
            ExpressionAttributeValues: { ...values, ':set': 7 },
          }),
        }[kind];
        const commands = [
          ...(before === null ? [] : [new PutCommand({ TableName: 'tokens', Item: { tokenId, ...before } })]),
          write,
        ];
        const tables = new MemoryTables({ tokens: 'tokenId' });
        const inMemory = await outcome(async (command) => tables.execute(command), commands, tokenId);
        const inDynamo = await outcome((command) => real.send(command as PutCommand), commands, tokenId);
        expect(inMemory).toEqual(inDynamo);
      }),
      { numRuns: 300 },
    );
  });

  test('create a missing row when an update has no condition, as DynamoDB does', () => {
    const tables = new MemoryTables({ tokens: 'tokenId' });
    const update = { UpdateExpression: 'SET hits = :one', ExpressionAttributeValues: { ':one': 1 } };
    tables.execute(new UpdateCommand({ TableName: 'tokens', Key: { tokenId: 't' }, ...update }));
    expect([...tables.rows('tokens').values()]).toEqual([{ tokenId: 't', hits: 1 }]);
  });

  test('report every applied write, and no rejected one', () => {
    const tables = new MemoryTables({ tokens: 'tokenId' });
    const writes: unknown[] = [];
    const put = () =>
      tables.execute(
        new PutCommand({
          TableName: 'tokens',
          Item: { tokenId: 't' },
          ConditionExpression: 'attribute_not_exists(tokenId)',
        }),
        (write) => writes.push(write),
      );
    put();
    expect(put).toThrow('The conditional request failed');
    expect(writes).toEqual([
      { table: 'tokens', key: 't', operation: 'put', before: undefined, after: { tokenId: 't' } },
    ]);
  });
});

describe('invalid and unsupported expressions', () => {
  const values = { ExpressionAttributeValues: { ':v': 1 } };

  test.each([
    'begins_with(name, :v)',
    'count BETWEEN :v AND :v',
    'NOT count = :v',
    'count <> :v',
    'count = ',
    'count = :v count',
    '(count = :v',
    'size(name, :v) = :v',
    'contains(name) = :v',
    'count = :other',
    '#unnamed = :v',
    'a.b = :v',
    '',
  ])('in-memory tables reject the condition "%s"', (text) => {
    expect(() => readCondition(text, values)).toThrow();
  });

  test.each([
    'REMOVE count',
    'ADD count :v, name :v',
    'SET count',
    'SET count = :v REMOVE name',
    'SET count = list_append(a, :v)',
    '',
  ])('in-memory tables reject the update "%s"', (text) => {
    expect(() => readUpdate(text, values)).toThrow();
  });

  test('in-memory tables reject placeholders that no expression uses', () => {
    const tables = new MemoryTables({ tokens: 'tokenId' });
    const put = new PutCommand({ TableName: 'tokens', Item: { tokenId: 't' }, ...values });
    expect(() => tables.execute(put)).toThrow('Unused placeholder: :v');
  });
});
