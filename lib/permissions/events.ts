import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { allow } from './statements.ts';

/**
 * Allows Lambda to read streams on behalf of their consumer (AWS Lambda Developer Guide, "Process DynamoDB records with
 * Lambda"). `ListStreams` is granted on all resources, as in the CDK, because the documentation contradicts itself
 * about this action's resource.
 */
export function readStreams(tables: readonly Table[]): readonly PolicyStatement[] {
  return [
    allow(
      ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
      tables.map((table) => streamArn(table)),
    ),
    allow(['dynamodb:ListStreams'], ['*']),
  ];
}

/**
 * Returns the ARN of a table's stream.
 *
 * @throws Error if it has none
 */
export function streamArn({ node, tableStreamArn }: Table): string {
  if (tableStreamArn === undefined) throw new Error(`${node.path} has no stream`);
  return tableStreamArn;
}
