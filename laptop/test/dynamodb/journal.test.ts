import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import dynalite from 'dynalite';
import fc from 'fast-check';
import { type CarryOut, type Journal, openJournal } from '../../src/dynamodb/journal.ts';
import { DYNAMODB } from '../../src/dynamodb/table-keys.ts';
import { callEmulator, inside } from '../../src/services/emulator.ts';

const TABLE = {
  TableName: 'tokens',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
};
const put = (id: string, more: object = {}) => ({ TableName: 'tokens', Item: { id: { S: id } }, ...more });

let folder: string;
let journal: Journal;
let call: CarryOut;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
  await open();
});
afterEach(() => {
  journal.close();
  rmSync(folder, { recursive: true });
});

const path = (): string => join(folder, 'journal');

/** Opens the journal with empty in-memory tables, as happens on every start. */
async function open(): Promise<void> {
  const send = inside(dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }));
  call = (operation, input) => callEmulator(send, `${DYNAMODB}.${operation}`, input);
  journal = await openJournal(path(), call);
}

/** Executes a write and, if it succeeds, adds it to the journal, as the service does. */
async function write(operation: string, input: object, indent?: number): Promise<void> {
  const text = JSON.stringify(input, null, indent);
  if ((await call(operation, text)) !== undefined) journal.add(operation, Buffer.from(text));
  if (operation === 'CreateTable') await restart();
}

async function restart(): Promise<void> {
  journal.close();
  await open();
}

async function items(): Promise<readonly unknown[]> {
  const { Items } = (await call('Scan', JSON.stringify({ TableName: 'tokens' }))) ?? {};
  return (Items as unknown[]).toSorted((left, right) =>
    JSON.stringify(left) < JSON.stringify(right) ? -1 : 1,
  );
}

describe('the table journal', () => {
  test('restores the items after any series of writes, even if it is opened twice', async () => {
    const id = fc.constantFrom('a', 'b', 'c');
    const exists = fc.constantFrom({ ConditionExpression: 'attribute_exists(id)' }, {});
    const step = fc.oneof(
      fc.tuple(id, exists).map(([name, more]) => ['PutItem', put(name, more)] as const),
      fc
        .tuple(id, exists)
        .map(
          ([name, more]) =>
            ['DeleteItem', { TableName: 'tokens', Key: { id: { S: name } }, ...more }] as const,
        ),
      id.map(
        (name) =>
          [
            'UpdateItem',
            {
              TableName: 'tokens',
              Key: { id: { S: name } },
              UpdateExpression: 'ADD uses :one',
              ExpressionAttributeValues: { ':one': { N: '1' } },
            },
          ] as const,
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        journal.close();
        rmSync(path());
        await open();
        await write('CreateTable', TABLE);
        for (const [operation, input] of steps) await write(operation, input);
        const before = await items();
        await restart();
        expect(await items()).toEqual(before);
        await restart();
        expect(await items()).toEqual(before);
      }),
      { numRuns: 50 },
    );
  });

  test('keeps only the latest version of each item after a restart', async () => {
    await write('CreateTable', TABLE);
    for (let time = 0; time < 10; time += 1) await write('PutItem', put('a'));
    await restart();
    expect(readFileSync(path(), 'utf8').trimEnd().split('\n')).toHaveLength(2);
  });

  test('ignores a line that a crash truncated', async () => {
    await write('CreateTable', TABLE);
    await write('PutItem', put('a'));
    journal.close();
    appendFileSync(path(), 'PutItem {"TableName":"tokens","Item":{"id":{"S":"b"}}}'.slice(0, -9));
    await open();
    expect(await items()).toEqual([{ id: { S: 'a' } }]);
  });

  test('keeps a write on one line even if its JSON is pretty-printed', async () => {
    await write('CreateTable', TABLE, 2);
    await write('PutItem', put('a\nb'), 2);
    await restart();
    expect(await items()).toEqual([{ id: { S: 'a\nb' } }]);
  });

  test('does not restore a deleted table', async () => {
    await write('CreateTable', TABLE);
    await write('DeleteTable', { TableName: 'tokens' });
    await restart();
    expect(await call('ListTables', '{}')).toEqual({ TableNames: [] });
  });

  test('fails to open, and suggests --fresh, if a write cannot be replayed', async () => {
    journal.close();
    writeFileSync(path(), 'PutItem {}\n');
    await expect(open()).rejects.toThrow(/^Cannot restore the tables from .*journal\. Start with --fresh/);
    rmSync(path());
    await open();
  });
});
