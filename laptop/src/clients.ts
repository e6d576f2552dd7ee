import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { AccessKey } from './access-keys.ts';

/** SDK clients for the services of local mode. */
export interface Clients {
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  destroy(): void;
}

/** Creates clients that use the given access key and ignore the host's AWS settings. */
export function createClients(
  urls: Readonly<Record<'dynamodb' | 's3' | 'sqs', string>>,
  credentials: AccessKey,
  region: string,
): Clients {
  const dynamodb = new DynamoDBClient({ endpoint: urls.dynamodb, region, credentials });
  const s3 = new S3Client({ endpoint: urls.s3, region, credentials, forcePathStyle: true });
  const sqs = new SQSClient({ endpoint: urls.sqs, region, credentials });
  return {
    dynamodb,
    s3,
    sqs,
    destroy: () => {
      for (const client of [dynamodb, s3, sqs]) client.destroy();
    },
  };
}
