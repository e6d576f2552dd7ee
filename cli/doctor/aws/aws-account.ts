import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { GuardDutyClient } from '@aws-sdk/client-guardduty';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Connection } from '../../tvm/connection.ts';
import type { Account } from '../account.ts';
import { readConcurrency, readFunction, readFunctionPolicy } from './function-readers.ts';
import { readApiAccess, readEndpoints } from './network-readers.ts';
import { readFailedActions, readLostEvents } from './notice-readers.ts';
import { readIdentity, readSending } from './ses-reader.ts';
import { readStack } from './stack-reader.ts';
import { readBucket, readQueue, readTable } from './storage-readers.ts';
import { readAlarms, readApiLogRole, readKey, readLogGroup, readScanner } from './watch-readers.ts';

/** Returns an account that reads the state of a stack on AWS. */
export function awsAccount(
  { deployment, settings }: Connection,
  now: () => Date,
): Account & { destroy(): void } {
  const clients = {
    ses: new SESv2Client(settings('ses')),
    kms: new KMSClient(settings('kms')),
    dynamodb: new DynamoDBClient(settings('dynamodb')),
    s3: new S3Client(settings('s3')),
    guardDuty: new GuardDutyClient(settings('guardduty')),
    sqs: new SQSClient(settings('sqs')),
    cloudWatch: new CloudWatchClient(settings('cloudwatch')),
    logs: new CloudWatchLogsClient(settings('logs')),
    lambda: new LambdaClient(settings('lambda')),
    apiGateway: new APIGatewayClient(settings('apigateway')),
    ec2: new EC2Client(settings('ec2')),
  };
  return {
    stack: () => readStack(settings('cloudformation'), deployment.bucket, now),
    sending: () => readSending(clients.ses),
    identity: (name) => readIdentity(clients.ses, name),
    key: (id) => readKey(clients.kms, id),
    table: (name) => readTable(clients.dynamodb, name),
    bucket: (name) => readBucket(clients.s3, name),
    queue: (url) => readQueue(clients.sqs, url),
    scanner: (planId) => readScanner(clients.guardDuty, planId),
    alarms: (names) => readAlarms(clients.cloudWatch, names),
    logGroup: (name) => readLogGroup(clients.logs, name),
    function: (name) => readFunction(clients.lambda, name),
    apiLogRole: () => readApiLogRole(clients.apiGateway),
    concurrency: () => readConcurrency(clients.lambda),
    failedActions: (alarms) => readFailedActions(clients.cloudWatch, alarms),
    lostEvents: (rules) => readLostEvents(clients.cloudWatch, rules, now()),
    functionPolicy: (name) => readFunctionPolicy(clients.lambda, name),
    apiAccess: (restApiId) => readApiAccess(clients.apiGateway, restApiId),
    endpoints: (ids) => readEndpoints(clients.ec2, ids),
    destroy: () => {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}
