import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Account } from '../../../doctor/account.ts';
import { awsAccount } from '../../../doctor/aws/aws-account.ts';
import { CLIENT_SETTINGS } from '../../../tvm/client-settings.ts';
import { DEPLOYMENT } from '../../support/doctor-world.ts';

/** Responses by operation (and page) or by method and path. */
type Responses = Readonly<Record<string, { readonly status?: number; readonly body: string | object }>>;

let server: Server;
let responses: Responses;
let asked: string[];
let account: Account & { destroy(): void };

const SERVER_TIME = new Date('2026-11-23T12:00:00Z');

beforeEach(async () => {
  asked = [];
  responses = {};
  server = createServer(async (request, response) => {
    const name = operationOf(request, await text(request));
    asked.push(name);
    const { status = 200, body } = responses[name] ?? { status: 501, body: {} };
    response.writeHead(status, { date: SERVER_TIME.toUTCString() });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' };
  const settings = {
    ...CLIENT_SETTINGS,
    maxAttempts: 1,
    region: 'eu-central-1',
    credentials,
    endpoint,
    forcePathStyle: true,
  };
  const connection = {
    kind: 'stack',
    deployment: DEPLOYMENT,
    region: settings.region,
    credentials,
    settings: () => settings,
  } as const;
  account = awsAccount(connection, () => new Date(SERVER_TIME.getTime() + 90_000));
});

afterEach(async () => {
  account.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function operationOf({ method, url = '', headers }: IncomingMessage, body: string): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.split('.').at(-1) ?? '';
  const form = new URLSearchParams(body);
  const page = form.get('NextToken');
  return `${form.get('Action') ?? `${method} ${url}`}${page === null ? '' : ` ${page}`}`;
}

describe('awsAccount', () => {
  test("reads a stack's state, stage, and resources from all pages, and compares the clocks", async () => {
    const page = (next: string, type: string, id: string) =>
      `<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries><member><ResourceType>${type}</ResourceType><PhysicalResourceId>${id}</PhysicalResourceId></member></StackResourceSummaries>${next}</ListStackResourcesResult></ListStackResourcesResponse>`;
    responses = {
      DescribeStackResources: {
        body: '<DescribeStackResourcesResponse><DescribeStackResourcesResult><StackResources><member><StackName>Vending</StackName></member></StackResources></DescribeStackResourcesResult></DescribeStackResourcesResponse>',
      },
      DescribeStacks: {
        body: '<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>Vending</StackName><StackStatus>UPDATE_COMPLETE</StackStatus><Tags><member><Key>tvm:stage</Key><Value>prod</Value></member></Tags></member></Stacks></DescribeStacksResult></DescribeStacksResponse>',
      },
      ListStackResources: { body: page('<NextToken>more</NextToken>', 'AWS::KMS::Key', 'k1') },
      'ListStackResources more': { body: page('', 'AWS::KMS::Key', 'k2') },
    };
    expect(await account.stack()).toEqual({
      status: 'UPDATE_COMPLETE',
      stage: 'prod',
      resources: new Map([['AWS::KMS::Key', ['k1', 'k2']]]),
      clockAheadSeconds: 90,
    });
  });

  test('reads the SES account', async () => {
    responses = {
      'GET /v2/email/account': {
        body: {
          ProductionAccessEnabled: false,
          SendingEnabled: true,
          EnforcementStatus: 'HEALTHY',
          SendQuota: { Max24HourSend: 200, SentLast24Hours: 3, MaxSendRate: 1 },
        },
      },
    };
    expect(await account.sending()).toEqual({
      sandbox: true,
      enabled: true,
      enforcement: 'HEALTHY',
      quota: 200,
      sent: 3,
    });
  });

  test('reads an SES identity, or nothing if the identity does not exist', async () => {
    responses = {
      'GET /v2/email/identities/example.org': {
        body: {
          VerifiedForSendingStatus: true,
          FeedbackForwardingStatus: true,
          DkimAttributes: { Status: 'SUCCESS' },
        },
      },
      'GET /v2/email/identities/files%40example.org': {
        status: 404,
        body: { __type: 'NotFoundException', message: 'no' },
      },
    };
    expect(await account.identity('example.org')).toEqual({
      name: 'example.org',
      verified: true,
      dkim: 'SUCCESS',
      forwardsBounces: true,
    });
    expect(await account.identity('files@example.org')).toBeUndefined();
  });

  test('reads a key', async () => {
    responses = {
      DescribeKey: { body: { KeyMetadata: { KeyId: 'k', KeyState: 'Disabled', KeySpec: 'HMAC_256' } } },
    };
    expect(await account.key('k')).toEqual({ state: 'Disabled', spec: 'HMAC_256' });
  });

  test('reads a table', async () => {
    responses = {
      DescribeTable: { body: { Table: { TableStatus: 'ACTIVE', DeletionProtectionEnabled: true } } },
      DescribeTimeToLive: { body: { TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED' } } },
      DescribeContinuousBackups: {
        body: {
          ContinuousBackupsDescription: {
            ContinuousBackupsStatus: 'ENABLED',
            PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' },
          },
        },
      },
    };
    expect(await account.table('tokens')).toEqual({
      status: 'ACTIVE',
      protected: true,
      ttl: 'ENABLED',
      backups: 'DISABLED',
    });
  });

  const versioning =
    '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>';
  const encryption =
    '<ServerSideEncryptionConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>';
  const block = (policy: string) =>
    `<PublicAccessBlockConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>${policy}</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>`;

  test.each([
    ['with all four settings on', { body: block('true') }, true],
    ['with one of the four settings off', { body: block('false') }, false],
    [
      'without a configuration',
      { status: 404, body: '<Error><Code>NoSuchPublicAccessBlockConfiguration</Code></Error>' },
      false,
    ],
  ])('reads whether public access is blocked for a bucket %s', async (_which, configuration, blocked) => {
    responses = {
      'GET /files/?publicAccessBlock=': configuration,
      'GET /files/?versioning=': { body: versioning },
      'GET /files/?encryption=': { body: encryption },
    };
    expect(await account.bucket('files')).toEqual({ blocked, versioned: true, encryption: 'aws:kms' });
  });

  test('counts the waiting and in-flight messages in a queue', async () => {
    responses = {
      GetQueueAttributes: {
        body: {
          Attributes: { ApproximateNumberOfMessages: '2', ApproximateNumberOfMessagesNotVisible: '3' },
        },
      },
    };
    expect(await account.queue('https://sqs/mail')).toEqual({ messages: 5 });
  });

  test('reads alarms, without a request if there are none', async () => {
    expect(await account.alarms([])).toEqual([]);
    expect(asked).toEqual([]);
    const alarm = { AlarmName: 'late', StateValue: 'OK', StateReason: 'fine', ActionsEnabled: true };
    responses = { DescribeAlarms: { body: { MetricAlarms: [{ ...alarm, AlarmActions: ['arn:topic'] }] } } };
    expect(await account.alarms(['late'])).toEqual([
      { name: 'late', state: 'OK', reason: 'fine', notifies: true },
    ]);
  });

  test('reads the log group with exactly the given name', async () => {
    responses = {
      DescribeLogGroups: {
        body: { logGroups: [{ logGroupName: 'mint-old', retentionInDays: 1 }, { logGroupName: 'mint' }] },
      },
    };
    expect(await account.logGroup('mint')).toEqual({ name: 'mint', retentionDays: undefined });
    expect(await account.logGroup('min')).toBeUndefined();
  });

  test('reads a function', async () => {
    responses = {
      'GET /2015-03-31/functions/mint/configuration': {
        body: {
          State: 'Active',
          LastUpdateStatus: 'Successful',
          Environment: { Variables: { FORM_MAIL_LIMIT_PER_DAY: '150', PROGRAM_MAIL_LIMIT_PER_DAY: '50' } },
        },
      },
    };
    expect(await account.function('mint')).toEqual({
      state: 'Active',
      lastUpdate: 'Successful',
      environment: { FORM_MAIL_LIMIT_PER_DAY: '150', PROGRAM_MAIL_LIMIT_PER_DAY: '50' },
    });
  });

  test('reads the Lambda concurrency of the account', async () => {
    responses = {
      'GET /2016-08-19/account-settings': {
        body: { AccountLimit: { ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 900 } },
      },
    };
    expect(await account.concurrency()).toEqual({ limit: 1000, unreserved: 900 });
  });

  const at = (seconds: number, HistorySummary: string) => ({
    Timestamp: 1_800_000_000 + seconds,
    HistorySummary,
  });

  test('finds alarms whose last notification failed for one of their topics', async () => {
    const failed = 'Failed to execute action arn:topic. Received error: "no permission"';
    responses = {
      DescribeAlarmHistory: {
        body: { AlarmHistoryItems: [at(1, 'Successfully executed action arn:pager'), at(0, failed)] },
      },
    };
    expect(await account.failedActions(['late'])).toEqual([{ alarm: 'late', reason: failed }]);
    responses = {
      DescribeAlarmHistory: {
        body: { AlarmHistoryItems: [at(600, 'Successfully executed action arn:topic'), at(0, failed)] },
      },
    };
    expect(await account.failedActions(['late'])).toEqual([]);
  });

  test('adds up undelivered events, and sends no request for an empty list of rules', async () => {
    expect(await account.lostEvents([])).toBe(0);
    expect(asked).toEqual([]);
    responses = {
      GetMetricData: {
        body: {
          MetricDataResults: [
            { Id: 'a', Values: [1, 2] },
            { Id: 'b', Values: [] },
            { Id: 'c', Values: [4] },
          ],
        },
      },
    };
    expect(await account.lostEvents(['arn:aws:events:eu-central-1:111122223333:rule/bounces'])).toBe(7);
  });

  test('reads the malware protection plan', async () => {
    const statusReasons = [{ code: 'INSUFFICIENT_SCAN_PERMISSIONS', message: 'm' }];
    const plan = { status: 'WARNING', actions: { tagging: { status: 'ENABLED' } }, statusReasons };
    responses = { 'GET /malware-protection-plan/plan': { body: plan } };
    expect(await account.scanner('plan')).toEqual({
      status: 'WARNING',
      tags: true,
      reasons: ['INSUFFICIENT_SCAN_PERMISSIONS'],
    });
  });

  test('reads the policy of a function, or an empty one if it has none', async () => {
    const Statement = [
      {
        Sid: 'ApiInvokes',
        Effect: 'Allow',
        Principal: { Service: 'apigateway.amazonaws.com' },
        Action: 'lambda:InvokeFunction',
        Resource: 'arn:aws:lambda:eu-central-1:111122223333:function:mint',
        Condition: { ArnLike: { 'AWS:SourceArn': 'arn:aws:execute-api:eu-central-1:111122223333:api/*' } },
      },
      { Effect: 'Deny', Principal: '*', Action: ['lambda:InvokeFunction'], Resource: '*' },
      { Effect: 'Allow', NotPrincipal: { AWS: '111122223333' }, NotAction: 'x', Resource: '*' },
    ];
    responses = {
      'GET /2015-03-31/functions/mint/policy': {
        body: { Policy: JSON.stringify({ Version: '2012-10-17', Statement }), RevisionId: 'r' },
      },
      'GET /2015-03-31/functions/mail/policy': {
        status: 404,
        body: { __type: 'ResourceNotFoundException', message: 'no policy' },
      },
    };
    expect(await account.functionPolicy('mint')).toEqual([
      {
        effect: 'Allow',
        principals: ['apigateway.amazonaws.com'],
        actions: ['lambda:InvokeFunction'],
        conditions: [
          {
            operator: 'ArnLike',
            key: 'aws:sourcearn',
            values: ['arn:aws:execute-api:eu-central-1:111122223333:api/*'],
          },
        ],
      },
      { effect: 'Deny', principals: ['*'], actions: ['lambda:InvokeFunction'], conditions: [] },
      { effect: 'Allow', principals: [], actions: [], conditions: [] },
    ]);
    expect(await account.functionPolicy('mail')).toEqual([]);
  });

  test('reads the policy of the API, in which quotes are escaped twice', async () => {
    const policy = JSON.stringify({
      Statement: [{ Effect: 'Deny', Principal: '*', Action: 'x', Resource: '*' }],
    });
    responses = {
      'GET /restapis/api': {
        body: { endpointConfiguration: { types: ['PRIVATE'] }, policy: policy.replaceAll('"', '\\"') },
      },
    };
    expect(await account.apiAccess('api')).toEqual({
      types: ['PRIVATE'],
      statements: [{ effect: 'Deny', principals: ['*'], actions: ['x'], conditions: [] }],
    });
    responses = { 'GET /restapis/api': { body: { endpointConfiguration: { types: ['REGIONAL'] } } } };
    expect(await account.apiAccess('api')).toEqual({ types: ['REGIONAL'], statements: [] });
  });

  test('reads VPC endpoints', async () => {
    const policy = '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}';
    responses = {
      DescribeVpcEndpoints: {
        body: `<DescribeVpcEndpointsResponse><vpcEndpointSet><item><vpcEndpointId>vpce-1</vpcEndpointId><vpcEndpointType>Interface</vpcEndpointType><serviceName>com.amazonaws.eu-central-1.kms</serviceName><state>available</state><policyDocument>${policy.replaceAll('"', '&quot;')}</policyDocument><privateDnsEnabled>true</privateDnsEnabled></item></vpcEndpointSet></DescribeVpcEndpointsResponse>`,
      },
    };
    expect(await account.endpoints(['vpce-1'])).toEqual([
      {
        id: 'vpce-1',
        service: 'com.amazonaws.eu-central-1.kms',
        state: 'available',
        type: 'Interface',
        privateDns: true,
        statements: [{ effect: 'Allow', principals: ['*'], actions: ['*'], conditions: [] }],
      },
    ]);
  });

  test('throws if AWS responds to any of the reads with an error', async () => {
    for (const look of [
      () => account.stack(),
      () => account.sending(),
      () => account.identity('example.org'),
      () => account.key('k'),
      () => account.table('t'),
      () => account.bucket('files'),
      () => account.queue('https://sqs/mail'),
      () => account.scanner('plan'),
      () => account.alarms(['a']),
      () => account.logGroup('g'),
      () => account.function('f'),
      () => account.concurrency(),
      () => account.failedActions(['a']),
      () => account.lostEvents(['r']),
      () => account.functionPolicy('f'),
      () => account.apiAccess('api'),
      () => account.endpoints(['vpce-1']),
      () => account.apiLogRole(),
    ]) {
      await expect(look()).rejects.toThrow();
    }
  });

  test('reads the role that API Gateway writes logs with, if there is one', async () => {
    const role = 'arn:aws:iam::111122223333:role/ApiLogRole';
    responses = { 'GET /account': { body: { cloudwatchRoleArn: role } } };
    expect(await account.apiLogRole()).toBe(role);
    responses = { 'GET /account': { body: { throttleSettings: { burstLimit: 5000, rateLimit: 10_000 } } } };
    expect(await account.apiLogRole()).toBeUndefined();
  });
});
