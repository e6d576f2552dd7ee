import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GenerateMacCommand, KMSClient } from '@aws-sdk/client-kms';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Connection } from '../tvm/connection.ts';
import { readQueue, readTableStatus } from './aws/storage-readers.ts';
import type { LocalAccount } from './local-checks.ts';

/** Returns an account that reads the state of local mode. */
export function localAccount({ settings }: Connection): LocalAccount & { destroy(): void } {
  const dynamodb = new DynamoDBClient(settings('dynamodb'));
  const kms = new KMSClient(settings('kms'));
  const s3 = new S3Client(settings('s3'));
  const sqs = new SQSClient(settings('sqs'));
  return {
    table: (name) => readTableStatus(dynamodb, name),
    queue: (url) => readQueue(sqs, url),
    useKey: async (KeyId) => {
      // This label is used only here, so the MAC is not one of the keys that the machine derives.
      const Message = Buffer.from('tvm/doctor');
      await kms.send(new GenerateMacCommand({ KeyId, MacAlgorithm: 'HMAC_SHA_256', Message }));
    },
    headBucket: async (Bucket) => {
      await s3.send(new HeadBucketCommand({ Bucket }));
    },
    destroy: () => {
      for (const client of [dynamodb, kms, s3, sqs]) client.destroy();
    },
  };
}
