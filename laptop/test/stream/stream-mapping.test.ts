import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { recordOf } from '../../src/dynamodb/table-changes.ts';
import type { Outcome } from '../../src/functions/instance.ts';
import { createAuthorizer } from '../../src/iam/authorizer.ts';
import { impliedCalls } from '../../src/iam/implied-calls.ts';
import { readPolicies } from '../../src/iam/stack-policies.ts';
import { provisionQueues } from '../../src/provision/queue.ts';
import { startStreamPollers } from '../../src/stream/start-pollers.ts';
import { readStreamMappings } from '../../src/stream/stream-mapping.ts';
import { openStackModel, type StackModel } from '../../src/template/stack-model.ts';
import { parseTemplate } from '../../src/template/template.ts';
import { afterwards } from '../support/afterwards.ts';
import { eventually } from '../support/eventually.ts';
import { LocalServices } from '../support/local-services.ts';

const HOME = { region: 'us-east-1', accountId: '000000000000' };
const STREAM = 'arn:aws:dynamodb:us-east-1:000000000000:table/Small-Table/stream/2026-01-01T00:00:00.000';

let services: LocalServices;
const undoing = afterwards();
beforeEach(async () => {
  services = new LocalServices();
  await services.start();
  undoing(() => services.remove());
});

const attribute = (logicalId: string, name = 'Arn') => ({ 'Fn::GetAtt': [logicalId, name] });
const stream = attribute('Table', 'StreamArn');

/** The permissions that the CDK grants for a mapping with a failure queue. */
const PERMISSIONS: readonly (readonly [actions: string | readonly string[], resource: unknown])[] = [
  ['dynamodb:ListStreams', '*'],
  [['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], stream],
  ['kms:Decrypt', attribute('Key')],
  ['sqs:SendMessage', attribute('Failures')],
];

const modelOf = (mapping: object, permissions = PERMISSIONS): StackModel =>
  openStackModel(
    parseTemplate({
      Resources: {
        Key: {
          Type: 'AWS::KMS::Key',
          Properties: {
            KeyPolicy: {
              Version: '2012-10-17',
              Statement: [
                {
                  Effect: 'Allow',
                  Principal: { AWS: 'arn:aws:iam::000000000000:root' },
                  Action: 'kms:*',
                  Resource: '*',
                },
              ],
            },
          },
        },
        Table: {
          Type: 'AWS::DynamoDB::Table',
          Properties: {
            StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
            SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: attribute('Key') },
          },
        },
        Failures: { Type: 'AWS::SQS::Queue', Properties: {} },
        Role: {
          Type: 'AWS::IAM::Role',
          Properties: {
            Policies: [
              {
                PolicyName: 'Reading',
                PolicyDocument: {
                  Version: '2012-10-17',
                  Statement: permissions.map(([Action, Resource]) => ({ Effect: 'Allow', Action, Resource })),
                },
              },
            ],
          },
        },
        Function: { Type: 'AWS::Lambda::Function', Properties: { Role: attribute('Role') } },
        Mapping: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: {
            EventSourceArn: stream,
            FunctionName: { Ref: 'Function' },
            StartingPosition: 'TRIM_HORIZON',
            ...mapping,
          },
        },
      },
    }),
    {
      ...HOME,
      stackName: 'Small',
      queueUrl: (name) => `${services.urlOf('sqs')}/${HOME.accountId}/${name}`,
    },
  );

describe('the mappings in the template', () => {
  const read = (properties: object) => readStreamMappings(modelOf(properties));

  test("a mapping without settings has Lambda's defaults", () => {
    expect(read({})).toEqual([
      {
        logicalId: 'Mapping',
        streamArn: STREAM,
        functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:Small-Function',
        batchSize: 100,
        start: 'TRIM_HORIZON',
        matches: expect.any(Function),
        partialBatches: false,
        bisect: false,
        maxRetries: Number.POSITIVE_INFINITY,
        maxAgeMs: Number.POSITIVE_INFINITY,
        onFailure: undefined,
      },
    ]);
  });

  test('a mapping has the settings in the template', () => {
    const [mapping] = read({
      BatchSize: 5,
      StartingPosition: 'LATEST',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 0,
      MaximumRecordAgeInSeconds: 60,
      ParallelizationFactor: 10,
      DestinationConfig: { OnFailure: { Destination: attribute('Failures') } },
    });
    expect(mapping).toMatchObject({
      batchSize: 5,
      start: 'LATEST',
      partialBatches: true,
      bisect: true,
      maxRetries: 0,
      maxAgeMs: 60_000,
      onFailure: { arn: 'arn:aws:sqs:us-east-1:000000000000:Small-Failures' },
    });
  });

  test('a record matches if one of the filters matches', () => {
    const [mapping] = read({
      FilterCriteria: {
        Filters: [
          { Pattern: '{"eventName":["INSERT"],"dynamodb":{"NewImage":{"event":{"S":["redeemed"]}}}}' },
          { Pattern: '{"userIdentity":{"type":["Service"]}}' },
        ],
      },
    });
    const insert = (event: string) => ({
      eventName: 'INSERT',
      dynamodb: { NewImage: { event: { S: event } } },
    });
    expect([
      mapping?.matches(insert('redeemed')),
      mapping?.matches(insert('issued')),
      mapping?.matches({ eventName: 'REMOVE', userIdentity: { type: 'Service' } }),
      mapping?.matches({ eventName: 'REMOVE' }),
    ]).toEqual([true, false, true, false]);
  });

  test.each<[string, object, string]>([
    [
      'the stream of another stack',
      { EventSourceArn: STREAM.replace('Small', 'Other') },
      'must be from a stream to a function',
    ],
    ['a function of another stack', { FunctionName: 'Other' }, 'must be from a stream to a function'],
    [
      'a failure destination that is not a queue',
      { DestinationConfig: { OnFailure: { Destination: 'arn:aws:sns:us-east-1:000000000000:topic' } } },
      'must report failures to a queue of this stack',
    ],
    ['a tumbling window', { TumblingWindowInSeconds: 30 }, 'TumblingWindowInSeconds'],
  ])('a mapping with %s is rejected', (_, properties, message) => {
    expect(() => read(properties)).toThrow(message);
  });
});

describe("a mapping's poller", () => {
  /**
   * Starts a poller whose role has the given permissions. Returns the denied actions, and a function that receives the
   * failure report.
   */
  async function start(
    permissions: typeof PERMISSIONS,
    invoke: () => Promise<Outcome>,
  ): Promise<{ readonly denied: string[]; readonly failures: () => Promise<unknown> }> {
    const model = modelOf(
      { MaximumRetryAttempts: 0, DestinationConfig: { OnFailure: { Destination: attribute('Failures') } } },
      permissions,
    );
    await provisionQueues(model, services.sqs());
    const { streams } = services.tables;
    streams.provide('Small-Table', { view: 'NEW_IMAGE', ttlAttribute: undefined });
    const functionArn = model.ofType('AWS::Lambda::Function')[0]?.physical?.attributes.Arn ?? '';
    const authorize = createAuthorizer({
      policies: readPolicies(model, [{ shortName: 'reader', arn: functionArn }]),
      implied: impliedCalls(model),
      accessKeys: services.keys,
      clock: () => new Date(),
      ...HOME,
    });
    const denied: string[] = [];
    const pollers = startStreamPollers(readStreamMappings(model), {
      streams,
      clock: () => new Date(),
      authorize: async (request) => {
        const decision = await authorize(request);
        if (!decision.allowed) denied.push(decision.action);
        return decision;
      },
      accessKeyIdOf: () => services.keys.keyOf('role', 'reader').accessKeyId,
      invoke,
      sendMessage: (url, body) => services.sendMessage(url, body),
    });
    for (const poller of pollers) undoing(() => poller.stop());
    const log = streams.of('Small-Table')?.log;
    log?.append(
      log.next((sequenceNumber, now) =>
        recordOf({ key: { id: { S: 'a' } }, before: undefined, after: { id: { S: 'a' } } }, 'NEW_IMAGE', {
          sequenceNumber,
          now,
          region: HOME.region,
        }),
      ),
    );
    const [queue] = model.ofType('AWS::SQS::Queue');
    const failures = async () => {
      const QueueUrl = queue === undefined ? '' : model.refOf(queue);
      const { Messages } = await services
        .sqs()
        .send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
      return JSON.parse(Messages?.[0]?.Body ?? '');
    };
    return { denied, failures };
  }

  const failed: Outcome = { kind: 'failed', error: { errorType: 'Error', errorMessage: 'no' } };

  test('reports a discarded batch, without its records, to the failure queue', async () => {
    const { denied, failures } = await start(PERMISSIONS, async () => failed);
    const number = services.tables.streams.of('Small-Table')?.log.latest;
    expect(await failures()).toEqual({
      requestContext: {
        requestId: expect.any(String),
        functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:Small-Function',
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 1,
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      timestamp: expect.stringMatching(/Z$/),
      DDBStreamBatchInfo: {
        shardId: 'shardId-00000000000000000000-00000001',
        startSequenceNumber: number,
        endSequenceNumber: number,
        approximateArrivalOfFirstRecord: expect.stringMatching(/Z$/),
        approximateArrivalOfLastRecord: expect.stringMatching(/Z$/),
        batchSize: 1,
        streamArn: STREAM,
      },
    });
    expect(denied).toEqual([]);
  });

  test.each(
    [
      'dynamodb:ListStreams',
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
    ].concat('kms:Decrypt'),
  )('reads nothing if the role lacks %s', async (action) => {
    const fewer = PERMISSIONS.map(
      ([actions, resource]) => [[actions].flat().filter((each) => each !== action), resource] as const,
    ).filter(([actions]) => actions.length > 0);
    let invoked = 0;
    const { denied } = await start(fewer, async () => {
      invoked += 1;
      return failed;
    });
    await eventually(
      async () => denied,
      ({ length }) => length > 0,
    );
    expect([denied, invoked]).toEqual([[action], 0]);
  });

  test('discards a batch without reporting it if the role has no permission to send messages', async () => {
    const fewer = PERMISSIONS.filter(([action]) => action !== 'sqs:SendMessage');
    const { denied } = await start(fewer, async () => failed);
    const { log } = services.tables.streams.of('Small-Table') ?? {};
    await eventually(
      async () => log?.positionOf('Mapping'),
      (position) => position === log?.latest,
    );
    expect(denied).toEqual(['sqs:SendMessage']);
  });
});
