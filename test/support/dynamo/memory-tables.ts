import {
  BatchGetCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { readCondition } from './condition-expression.ts';
import { type Placeholders, type Row, refuseUnused } from './expression-reader.ts';
import { readUpdate } from './update-expression.ts';

export interface AppliedWrite {
  readonly table: string;
  readonly key: string;
  readonly operation: 'put' | 'update' | 'delete';
  readonly before: Row | undefined;
  readonly after: Row | undefined;
}

/** Called with every applied write, before its response is sent. */
export type OnWrite = (write: AppliedWrite) => void;

type KeysAndAttributes = NonNullable<BatchGetCommand['input']['RequestItems']>[string];

interface Write extends Placeholders {
  readonly TableName: string | undefined;
  readonly ConditionExpression?: string | undefined;
}

/**
 * In-memory DynamoDB tables for the document client, with atomic conditional writes. They support only the commands and
 * expressions that tests need, and throw for anything else.
 */
export class MemoryTables {
  readonly #keys: Readonly<Record<string, string>>;
  readonly #tables = new Map<string, Map<string, Row>>();

  /** @param keys the name of the partition key of each table */
  constructor(keys: Readonly<Record<string, string>>) {
    this.#keys = keys;
    for (const table of Object.keys(keys)) this.#tables.set(table, new Map());
  }

  /** Returns the rows of a table by key. Tests that simulate TTL or a restore may change them. */
  rows(table: string | undefined): Map<string, Row> {
    const rows = this.#tables.get(table ?? '');
    if (rows === undefined) throw named('ResourceNotFoundException', `Unknown table: ${table}`);
    return rows;
  }

  execute(command: object, onWrite: OnWrite = () => undefined): object {
    if (command instanceof GetCommand) {
      const { TableName, Key } = command.input;
      const Item = this.rows(TableName).get(this.#keyIn(TableName, Key));
      return Item === undefined ? {} : { Item: structuredClone(Item) };
    }
    if (command instanceof BatchGetCommand) {
      const requested = Object.entries(command.input.RequestItems ?? {});
      return {
        Responses: Object.fromEntries(requested.map((each) => this.#batch(...each))),
        UnprocessedKeys: {},
      };
    }
    if (command instanceof PutCommand) {
      const { input } = command;
      return this.#write(input, 'put', this.#keyIn(input.TableName, input.Item), onWrite, () => input.Item);
    }
    if (command instanceof DeleteCommand) {
      const { input } = command;
      return this.#write(input, 'delete', this.#keyIn(input.TableName, input.Key), onWrite, () => undefined);
    }
    if (command instanceof UpdateCommand) {
      const { input } = command;
      const update = readUpdate(input.UpdateExpression ?? '', input);
      const key = this.#keyIn(input.TableName, input.Key);
      // As in DynamoDB, an update of a missing row creates it with its key.
      const apply = (row: Row | undefined) => update.apply(row ?? { ...input.Key });
      this.#write(input, 'update', key, onWrite, apply, update.used);
      const after = this.rows(input.TableName).get(key) ?? {};
      const changed = update.changed.filter((name) => name in after).map((name) => [name, after[name]]);
      return input.ReturnValues === 'UPDATED_NEW'
        ? { Attributes: structuredClone(Object.fromEntries(changed)) }
        : {};
    }
    throw new Error(`Unsupported command: ${command.constructor.name}`);
  }

  /** Returns a document client for adapters. */
  client(): Pick<DynamoDBDocumentClient, 'send'> {
    return documentClient(async (command) => this.execute(command));
  }

  #batch(table: string, { Keys = [] }: KeysAndAttributes): [string, unknown[]] {
    const rows = Keys.flatMap((key) => this.rows(table).get(this.#keyIn(table, key)) ?? []);
    return [table, structuredClone(rows)];
  }

  #write(
    input: Write,
    operation: AppliedWrite['operation'],
    key: string,
    onWrite: OnWrite,
    next: (row: Row | undefined) => Row | undefined,
    usedByUpdate: ReadonlySet<string> = new Set(),
  ): object {
    const { TableName = '', ConditionExpression } = input;
    const rows = this.rows(TableName);
    const before = rows.get(key);
    const condition =
      ConditionExpression === undefined ? undefined : readCondition(ConditionExpression, input);
    refuseUnused(input, new Set([...usedByUpdate, ...(condition?.used ?? [])]));
    if (condition !== undefined && !condition.holds(before ?? {})) {
      throw named('ConditionalCheckFailedException', 'The conditional request failed');
    }
    const after = structuredClone(next(before));
    if (after === undefined) rows.delete(key);
    else rows.set(key, after);
    onWrite({ table: TableName, key, operation, before, after });
    return {};
  }

  #keyIn(table: string | undefined, item: Row | undefined): string {
    const key = item?.[this.#keys[table ?? ''] ?? ''];
    if (typeof key !== 'string') throw named('ValidationException', `Missing key for table ${table}`);
    return key;
  }
}

/** Returns a document client that passes its commands to a function. */
export function documentClient(
  send: (command: object) => Promise<object>,
): Pick<DynamoDBDocumentClient, 'send'> {
  // The cast is needed because the real `send` has one overload per command.
  return { send } as unknown as Pick<DynamoDBDocumentClient, 'send'>;
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 } });
}
