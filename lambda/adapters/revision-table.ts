import { isDeepStrictEqual } from 'node:util';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  type PutCommandInput,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { Unavailable } from '../domain/errors.ts';
import { callService, errorName, wasRepeated } from './service-fault.ts';

export type Key = Readonly<Record<string, unknown>>;

/** Table whose rows are always replaced as a whole, under a condition on the previous row. */
export class RevisionTable<Row extends object> {
  readonly #client: Pick<DynamoDBDocumentClient, 'send'>;
  readonly #port: string;
  readonly #table: string;
  readonly #key: string & keyof Row;

  constructor(
    client: Pick<DynamoDBDocumentClient, 'send'>,
    options: { readonly port: string; readonly table: string; readonly key: string & keyof Row },
  ) {
    this.#client = client;
    this.#port = options.port;
    this.#table = options.table;
    this.#key = options.key;
  }

  async read(id: unknown): Promise<Row | undefined> {
    const get = new GetCommand({ TableName: this.#table, Key: { [this.#key]: id }, ConsistentRead: true });
    const { Item } = await callService(this.#port, () => this.#client.send(get));
    return Item as Row | undefined;
  }

  async query(
    input: Omit<QueryCommandInput, 'TableName'>,
  ): Promise<{ readonly rows: readonly Row[]; readonly last: Key | undefined }> {
    const query = new QueryCommand({ TableName: this.#table, ...input });
    const { Items = [], LastEvaluatedKey } = await callService(this.#port, () => this.#client.send(query));
    return { rows: Items as Row[], last: LastEvaluatedKey };
  }

  /**
   * Puts a new row.
   *
   * @returns the existing row, which is kept; `undefined` if there was none
   */
  async open(row: Row): Promise<Row | undefined> {
    const put = await this.replace(row, { ConditionExpression: `attribute_not_exists(${this.#key})` });
    if (put === 'changed') return undefined;
    const standing = await this.read(row[this.#key]);
    if (standing === undefined) throw new Unavailable(this.#port, 'the conflicting row is gone');
    return standing;
  }

  /**
   * Puts a row under a condition. If the first response was lost and the SDK repeated the put, the condition may fail
   * because the first attempt succeeded. So the stored row is compared with the new one.
   */
  async replace(row: Row, condition: Partial<PutCommandInput>): Promise<'changed' | 'stale'> {
    const put = new PutCommand({ TableName: this.#table, Item: row, ...condition });
    try {
      await callService(this.#port, () => this.#client.send(put));
      return 'changed';
    } catch (error) {
      if (errorName(error) !== 'ConditionalCheckFailedException') throw error;
      const isOwn = wasRepeated(error) && isDeepStrictEqual(await this.read(row[this.#key]), row);
      return isOwn ? 'changed' : 'stale';
    }
  }
}
