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
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { BucketFacts, QueueFacts, TableFacts } from '../account.ts';

/** What a table is, as far as every DynamoDB says. */
export async function readTableStatus(client: DynamoDBClient, TableName: string): Promise<TableFacts> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  return { status: Table?.TableStatus ?? 'unknown', protected: Table?.DeletionProtectionEnabled === true };
}

/** The same, and how it forgets and can be restored. */
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

/** A bucket from which the block was taken has no such configuration at all. */
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

/** About how many messages there are, those that are being worked on too. */
export async function readQueue(client: SQSClient, QueueUrl: string): Promise<QueueFacts> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }),
  );
  return { messages: names.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0) };
}
