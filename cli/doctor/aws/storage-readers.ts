import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import {
  GetBucketEncryptionCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { queueDepth } from '../../redrive/queues.ts';
import type { BucketFacts, QueueFacts, TableFacts } from '../account.ts';

/** Reads the facts about a table that are also available in local mode: its status and deletion protection. */
export async function readTableStatus(client: DynamoDBClient, TableName: string): Promise<TableFacts> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  return { status: Table?.TableStatus ?? 'unknown', protected: Table?.DeletionProtectionEnabled === true };
}

/** Reads the status, deletion protection, TTL, and backups of a table. */
export async function readTable(client: DynamoDBClient, TableName: string): Promise<TableFacts> {
  const [facts, { TimeToLiveDescription }, { ContinuousBackupsDescription }] = await Promise.all([
    readTableStatus(client, TableName),
    client.send(new DescribeTimeToLiveCommand({ TableName })),
    client.send(new DescribeContinuousBackupsCommand({ TableName })),
  ]);
  const recovery = ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
  return {
    ...facts,
    ttl: TimeToLiveDescription?.TimeToLiveStatus ?? 'DISABLED',
    backups: recovery?.PointInTimeRecoveryStatus ?? 'DISABLED',
  };
}

export async function readBucket(client: S3Client, Bucket: string): Promise<BucketFacts> {
  const [block, { Status }, { ServerSideEncryptionConfiguration }] = await Promise.all([
    readPublicAccessBlock(client, Bucket),
    client.send(new GetBucketVersioningCommand({ Bucket })),
    client.send(new GetBucketEncryptionCommand({ Bucket })),
  ]);
  const rule = ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault;
  return {
    blocked: block,
    versioned: Status === 'Enabled',
    encryption: rule?.SSEAlgorithm ?? 'none',
  };
}

/** Returns whether all public access is blocked. S3 reports a missing configuration as an error. */
async function readPublicAccessBlock(client: S3Client, Bucket: string): Promise<boolean> {
  try {
    const { PublicAccessBlockConfiguration: block = {} } = await client.send(
      new GetPublicAccessBlockCommand({ Bucket }),
    );
    return [
      block.BlockPublicAcls,
      block.BlockPublicPolicy,
      block.IgnorePublicAcls,
      block.RestrictPublicBuckets,
    ].every((each) => each === true);
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchPublicAccessBlockConfiguration') return false;
    throw error;
  }
}

export async function readQueue(client: SQSClient, url: string): Promise<QueueFacts> {
  return { messages: await queueDepth(client, url) };
}
