import {
  CreateTableCommand,
  type DynamoDBClient,
  PutItemCommand,
  type PutItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
import { createAuthorizer } from '../../src/iam/authorizer.ts';
import type { PolicyStatement } from '../../src/iam/policy-document.ts';
import { LocalServices } from './local-services.ts';

/*
 * Helpers for tests that send requests over HTTP to check the condition keys of DynamoDB's fine-grained access control.
 * laptop/src/dynamodb/required-permissions.ts lists the AWS documentation that defines these keys.
 */

const ACCOUNT = '000000000000';
const arn = (table: string): string => `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/${table}`;

type Condition = NonNullable<PolicyStatement['Condition']>;

const createTable = (services: LocalServices, TableName: string, sortKey?: string) =>
  services.dynamodb().send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['id', 'asset', ...(sortKey === undefined ? [] : [sortKey])].map(
        (AttributeName) => ({ AttributeName, AttributeType: 'S' as const }),
      ),
      KeySchema: [
        { AttributeName: 'id', KeyType: 'HASH' },
        ...(sortKey === undefined ? [] : [{ AttributeName: sortKey, KeyType: 'RANGE' as const }]),
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'byAsset',
          KeySchema: [{ AttributeName: 'asset', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    }),
  );

/**
 * Starts a local DynamoDB with the tables `tokens`, `receipts`, and `ledger`, shared by all tests in the calling file.
 *
 * @returns a function that creates a client with the role `writer`, whose policy consists of the given statements
 */
export function restrictedWriter(): (...statements: PolicyStatement[]) => DynamoDBClient {
  const services = new LocalServices();
  const clients: DynamoDBClient[] = [];

  beforeAll(async () => {
    await services.start();
    await createTable(services, 'tokens');
    await createTable(services, 'receipts');
    await createTable(services, 'ledger', 'time');
  });
  afterAll(() => services.remove());

  beforeEach(async () => {
    allow();
    const operator = services.dynamodb();
    for (const id of ['own', 'foreign'])
      await operator.send(
        new PutItemCommand({ TableName: 'tokens', Item: { id: { S: id }, secret: { S: 'x' } } }),
      );
    operator.destroy();
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.destroy();
  });

  function allow(...statements: PolicyStatement[]): DynamoDBClient {
    services.authorize = createAuthorizer({
      policies: {
        functions: new Map([
          [
            'writer',
            {
              sessionName: 'Writer',
              roleName: 'WriterRole',
              policies: [{ name: 'permissions', policy: { Version: '2012-10-17', Statement: statements } }],
            },
          ],
        ]),
        services: new Map(),
        resources: new Map(),
      },
      implied: () => [],
      accessKeys: services.keys,
      region: 'us-east-1',
      accountId: ACCOUNT,
      clock: () => new Date(),
    });
    const client = services.dynamodb(services.keys.keyOf('role', 'writer'));
    clients.push(client);
    return client;
  }
  return allow;
}

export const may = (operation: string, condition?: Condition, ...resources: string[]): PolicyStatement => ({
  Effect: 'Allow',
  Action: `dynamodb:${operation}`,
  Resource: resources.length === 0 ? arn('tokens') : resources.map(arn),
  ...(condition && { Condition: condition }),
});

export const leading = (...keys: string[]): Condition => ({
  'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': keys },
});
export const attributes = (...names: string[]): Condition => ({
  'ForAllValues:StringEquals': { 'dynamodb:Attributes': names },
});

export const denied = (call: Promise<unknown>) =>
  expect(call).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('because no identity-based policy allows the dynamodb:'),
  });
export const allowed = (call: Promise<unknown>) => expect(call).resolves.toBeDefined();

export const key = (id: string) => ({ id: { S: id } });
export const put = (id: string, more: Partial<PutItemCommandInput> = {}) =>
  new PutItemCommand({ TableName: 'tokens', Item: key(id), ...more });
