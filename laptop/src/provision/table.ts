import { isDeepStrictEqual } from 'node:util';
import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  type GlobalSecondaryIndexDescription,
  ResourceNotFoundException,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import { StreamViewType } from '../dynamodb/table-changes.ts';
import type { StreamSettings, TableStreams } from '../dynamodb/table-streams.ts';
import { LaptopError } from '../laptop-error.ts';
import type { StackModel, StackResource } from '../template/stack-model.ts';

const KeySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));

const Properties = z.object({
  AttributeDefinitions: z.array(
    z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
  ),
  KeySchema,
  GlobalSecondaryIndexes: z
    .array(
      z.object({
        IndexName: z.string(),
        KeySchema,
        Projection: z.object({
          ProjectionType: z.enum(['ALL', 'INCLUDE', 'KEYS_ONLY']),
          NonKeyAttributes: z.array(z.string()).optional(),
        }),
      }),
    )
    .optional(),
  StreamSpecification: z.object({ StreamViewType }).optional(),
  TimeToLiveSpecification: z
    .object({ Enabled: z.boolean(), AttributeName: z.string().optional() })
    .optional(),
});

/** Opens tables' streams, and deletes a stream's data if its table no longer has a stream. */
export type StreamProvider = Pick<TableStreams, 'provide'>;

/**
 * Opens a table's stream, and creates the table with its indexes unless it exists.
 *
 * @throws LaptopError if the existing table has different keys. CloudFormation would replace such a table
 */
export async function provisionTable(
  model: StackModel,
  resource: StackResource,
  { dynamodb, streams }: { readonly dynamodb: DynamoDBClient; readonly streams: StreamProvider },
): Promise<void> {
  const TableName = model.refOf(resource);
  const properties = model.read(resource, Properties);
  const { AttributeDefinitions, KeySchema: keys, GlobalSecondaryIndexes } = properties;
  streams.provide(TableName, streamSettings(properties));
  const existing = await describe(dynamodb, TableName);
  if (existing !== undefined) {
    if (sameKeys(existing, keys, GlobalSecondaryIndexes ?? [])) return;
    throw new LaptopError(
      `The keys of the table ${TableName} in the data folder differ from those in the template. Start with --fresh to replace the table.`,
    );
  }
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions,
      KeySchema: keys,
      ...(GlobalSecondaryIndexes === undefined ? {} : { GlobalSecondaryIndexes }),
    }),
  );
}

function streamSettings({
  StreamSpecification,
  TimeToLiveSpecification: ttl,
}: z.output<typeof Properties>): StreamSettings | undefined {
  if (StreamSpecification === undefined) return undefined;
  const ttlAttribute = ttl?.Enabled ? ttl.AttributeName : undefined;
  return { view: StreamSpecification.StreamViewType, ttlAttribute };
}

async function describe(dynamodb: DynamoDBClient, TableName: string): Promise<TableDescription | undefined> {
  try {
    return (await dynamodb.send(new DescribeTableCommand({ TableName }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

type Keys = z.output<typeof KeySchema>;
type Index = { readonly IndexName: string; readonly KeySchema: Keys };

function sameKeys(existing: TableDescription, keys: Keys, indexes: readonly Index[]): boolean {
  const shape = (list: TableDescription['KeySchema']): readonly string[] =>
    (list ?? []).map((key) => `${key.KeyType} ${key.AttributeName}`).sort();
  const byName = (list: readonly Pick<GlobalSecondaryIndexDescription, 'IndexName' | 'KeySchema'>[]) =>
    new Map(list.map((index) => [index.IndexName, shape(index.KeySchema)]));
  return (
    isDeepStrictEqual(shape(existing.KeySchema), shape(keys)) &&
    isDeepStrictEqual(byName(existing.GlobalSecondaryIndexes ?? []), byName(indexes))
  );
}
