/* A baseline: the minimum that a function must load to use tables (the SDK's DynamoDB client with our settings). */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import { clientSettings } from '../../lambda/adapters/client-settings.ts';

const client = DynamoDBDocumentClient.from(new DynamoDBClient(clientSettings));
const loaded = [client, BatchGetCommand, DeleteCommand, PutCommand, QueryCommand];

export const handler = () => Promise.resolve({ statusCode: 200, body: String(loaded.length) });
