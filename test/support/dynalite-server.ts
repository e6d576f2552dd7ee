import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  type AttributeDefinition,
  CreateTableCommand,
  DynamoDBClient,
  type GlobalSecondaryIndex,
  type KeySchemaElement,
} from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import { clientSettings } from '../../lambda/adapters/client-settings.ts';

/** An in-memory DynamoDB with the product's tables. */
export interface DynaliteServer {
  readonly url: string;
  /** Creates a client with the functions' settings, for this server or for a proxy at another address. */
  client(url?: string): DynamoDBDocumentClient;
  /** Deletes every row of a table. */
  clear(table: string): Promise<void>;
  close(): Promise<void>;
}

const TABLES: Readonly<Record<string, readonly [string, ...string[]]>> = {
  tokens: ['tokenId'],
  receipts: ['tokenId'],
  ledger: ['tokenId', 'timeEvent'],
  quota: ['counter'],
  issue: ['requestName'],
  uploads: ['uploadId'],
  uploadHistory: ['uploadId', 'timeEvent'],
  uploadLinks: ['linkId'],
};

/** The indexes of the ledger: name and partition key. */
const LEDGER_INDEXES: Readonly<Record<string, string>> = {
  byAsset: 'asset',
  byPseudonym: 'pseudonym',
  byMonth: 'issuedMonth',
};

/** The indexes of the other tables: name, partition key, and numeric sort key. */
const INDEXES: Readonly<Record<string, readonly (readonly [string, string, string])[]>> = {
  uploads: [['byPile', 'pile', 'dueAt']],
  uploadLinks: [
    ['byTenant', 'tenant', 'issuedAt'],
    ['byEnd', 'outcome', 'endsAt'],
  ],
};

const indexAttributes = (table: string): AttributeDefinition[] =>
  (INDEXES[table] ?? []).flatMap(([, partition, sort]) => [
    { AttributeName: partition, AttributeType: 'S' },
    { AttributeName: sort, AttributeType: 'N' },
  ]);

/** Starts DynamoDB on a free port of 127.0.0.1 and creates the tables above. */
export async function startDynalite(): Promise<DynaliteServer> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clients: DynamoDBClient[] = [];
  const connect = (endpoint: string) => {
    const client = new DynamoDBClient({
      ...clientSettings,
      // With hundreds of callers on a busy machine, calls can take longer than on AWS. Through a proxy, where calls can
      // hang, the functions' request timeout applies.
      requestHandler: {
        ...clientSettings.requestHandler,
        connectionTimeout: 10_000,
        ...(endpoint === url && { requestTimeout: 10_000 }),
      },
      endpoint,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    clients.push(client);
    return client;
  };
  const admin = connect(url);
  const clear = async (TableName: string): Promise<void> => {
    const documents = DynamoDBDocumentClient.from(admin);
    for await (const { Items = [] } of paginateScan({ client: documents }, { TableName })) {
      for (const item of Items) {
        const Key = Object.fromEntries((TABLES[TableName] ?? []).map((name) => [name, item[name]]));
        await documents.send(new DeleteCommand({ TableName, Key }));
      }
    }
  };
  for (const [TableName, keys] of Object.entries(TABLES)) {
    const schema = keys.map(
      (AttributeName, index): KeySchemaElement => ({
        AttributeName,
        KeyType: index === 0 ? 'HASH' : 'RANGE',
      }),
    );
    await admin.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: schema,
        AttributeDefinitions: [
          ...[...keys, ...(TableName === 'ledger' ? Object.values(LEDGER_INDEXES) : [])].map(
            (AttributeName) => ({ AttributeName, AttributeType: 'S' as const }),
          ),
          ...indexAttributes(TableName),
        ],
        ...(TableName === 'ledger' && { GlobalSecondaryIndexes: ledgerIndexes() }),
        ...(INDEXES[TableName] && {
          GlobalSecondaryIndexes: INDEXES[TableName].map((index) => indexOf(...index)),
        }),
      }),
    );
  }
  return {
    url,
    clear,
    client: (endpoint = url) =>
      DynamoDBDocumentClient.from(connect(endpoint), { marshallOptions: { removeUndefinedValues: true } }),
    close: async () => {
      for (const client of clients) client.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

function ledgerIndexes(): GlobalSecondaryIndex[] {
  return Object.entries(LEDGER_INDEXES).map(([name, attribute]) => indexOf(name, attribute, 'timeEvent'));
}

function indexOf(IndexName: string, partition: string, sort: string): GlobalSecondaryIndex {
  return {
    IndexName,
    KeySchema: [
      { AttributeName: partition, KeyType: 'HASH' },
      { AttributeName: sort, KeyType: 'RANGE' },
    ],
    Projection: { ProjectionType: 'ALL' },
  };
}
