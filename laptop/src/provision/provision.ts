import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { z } from 'zod';
import { LaptopError } from '../laptop-error.ts';
import type { StackModel, StackResource } from '../template/stack-model.ts';
import { type ApiOrigins, type BucketMaker, provisionBucket } from './bucket.ts';
import { provisionQueues } from './queue.ts';
import { provisionTable, type StreamProvider } from './table.ts';

interface KeyMaker {
  createHmacKey(keyId: string): unknown;
}

/** The services in which resources are created. */
export interface Services {
  readonly dynamodb: DynamoDBClient;
  readonly sqs: SQSClient;
  readonly s3: BucketMaker;
  readonly kms: KeyMaker;
  readonly streams: StreamProvider;
  readonly origins: ApiOrigins;
}

/** Creates the stack's keys, tables, queues, and buckets. Existing resources are kept. */
export async function provision(model: StackModel, services: Services): Promise<void> {
  for (const key of model.ofType('AWS::KMS::Key')) provisionKey(model, key, services.kms);
  for (const bucket of model.ofType('AWS::S3::Bucket')) provisionBucket(model, bucket, services);
  const tables = model.ofType('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable');
  await Promise.all(tables.map((table) => provisionTable(model, table, services)));
  await provisionQueues(model, services.sqs);
}

const Key = z.object({ KeySpec: z.string().default('SYMMETRIC_DEFAULT') });

/** Creates an HMAC key. Ignores symmetric keys, because local mode does not encrypt. */
function provisionKey(model: StackModel, resource: StackResource, kms: KeyMaker): void {
  const { KeySpec } = model.read(resource, Key);
  if (KeySpec === 'HMAC_256') kms.createHmacKey(model.refOf(resource));
  else if (KeySpec !== 'SYMMETRIC_DEFAULT')
    throw new LaptopError(`Local mode does not support the key spec ${KeySpec} of ${resource.logicalId}.`);
}
