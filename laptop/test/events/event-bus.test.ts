import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { AccessRequest } from '../../src/access.ts';
import { deliverTo } from '../../src/events/deliver.ts';
import type { BusEvent, EventContent } from '../../src/events/event.ts';
import { type EventBuses, openEventBuses } from '../../src/events/event-bus.ts';
import { type EventRule, readRules } from '../../src/events/rule.ts';
import { scheduleNamed, startSchedules } from '../../src/events/schedule.ts';
import { createAuthorizer } from '../../src/iam/authorizer.ts';
import { impliedCalls } from '../../src/iam/implied-calls.ts';
import { readPolicies } from '../../src/iam/stack-policies.ts';
import { provisionQueues } from '../../src/provision/queue.ts';
import { openStackModel, type StackModel } from '../../src/template/stack-model.ts';
import { parseTemplate } from '../../src/template/template.ts';
import { LocalServices } from '../support/local-services.ts';

const HOME = { region: 'us-east-1', accountId: '000000000000' };
const NOW = new Date('2026-03-01T12:00:00.500Z');

let services: LocalServices;
let model: StackModel;
let rules: readonly EventRule[];
let bus: EventBuses;
let logged: string;
let invoked: (readonly [arn: string, event: unknown])[];

beforeEach(async () => {
  services = new LocalServices();
  await services.start();
});
afterEach(() => services.remove());

const arnOf = (logicalId: string): object => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const rule = (properties: object, target = 'Queue') => ({
  Type: 'AWS::Events::Rule',
  Properties: { State: 'ENABLED', Targets: [{ Arn: arnOf(target), Id: 'Target0' }], ...properties },
});
const eventBridge = { Service: 'events.amazonaws.com' };
const allowing = (Action: string | string[], Resource: unknown, sourceRule: string) => ({
  Effect: 'Allow',
  Principal: eventBridge,
  Action,
  Resource,
  Condition: { ArnEquals: { 'aws:SourceArn': arnOf(sourceRule) } },
});
const document = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });
const PATTERN = { source: ['aws.guardduty'], detail: { status: ['clean'] } };

/** A rule with a queue as its target, and the queue policy that allows it to send. */
const TO_QUEUE = {
  Rule: rule({ EventPattern: PATTERN }),
  Queue: { Type: 'AWS::SQS::Queue', Properties: {} },
  QueuePolicy: {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [{ Ref: 'Queue' }],
      PolicyDocument: document(allowing('sqs:SendMessage', arnOf('Queue'), 'Rule')),
    },
  },
};

/** A schedule with a function as its target, and the permission that allows it to invoke the function. */
const TO_FUNCTION = {
  SweepRule1234: rule({ ScheduleExpression: 'rate(5 minutes)' }, 'Sweep'),
  Sweep: { Type: 'AWS::Lambda::Function' },
  Permission: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: arnOf('Sweep'),
      Principal: 'events.amazonaws.com',
      SourceArn: arnOf('SweepRule1234'),
    },
  },
};

const modelOf = (Resources: object): StackModel =>
  openStackModel(parseTemplate({ Resources }), {
    ...HOME,
    stackName: 'Small',
    queueUrl: (name) => `${services.urlOf('sqs')}/${HOME.accountId}/${name}`,
  });

/** Creates the queues and the buses, with the rules and policies of a template. */
async function openBus(resources: object): Promise<void> {
  model = modelOf(resources);
  await provisionQueues(model, services.sqs());
  services.authorize = createAuthorizer({
    policies: readPolicies(model, []),
    implied: impliedCalls(model),
    accessKeys: services.keys,
    clock: () => NOW,
    ...HOME,
  });
  rules = readRules(model, {});
  invoked = [];
  const deliver = deliverTo({
    accountId: HOME.accountId,
    authorize: (request: AccessRequest) => services.authorize(request),
    sendMessage: (url, body) => services.sendMessage(url, body),
    invoke: async (arn, event) => invoked.push([arn, event]),
  });
  logged = '';
  const log = {
    write: (text: string | Uint8Array) => {
      logged += text;
    },
  };
  bus = openEventBuses({ buses: new Set(['own']), rules, place: HOME, deliver, log, clock: () => NOW });
}

/** Receives all messages in the queue. */
async function received(): Promise<unknown[]> {
  const [queue] = model.ofType('AWS::SQS::Queue');
  const command = new ReceiveMessageCommand({
    QueueUrl: queue === undefined ? '' : model.refOf(queue),
    MaxNumberOfMessages: 10,
  });
  const { Messages = [] } = await services.sqs().send(command);
  return Messages.map(({ Body = '' }): unknown => JSON.parse(Body));
}

const CLEAN: EventContent = {
  source: 'aws.guardduty',
  'detail-type': 'Scan Result',
  resources: ['arn:plan'],
  detail: { status: 'clean' },
};

describe('a rule with a pattern', () => {
  test('sends a matching event to the queue, with the fields that EventBridge adds', async () => {
    await openBus(TO_QUEUE);
    await bus.publish(CLEAN);
    expect(await received()).toEqual([
      {
        version: '0',
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        account: '000000000000',
        time: '2026-03-01T12:00:00Z',
        region: 'us-east-1',
        ...CLEAN,
      },
    ]);
  });

  test('does not send an event that does not match', async () => {
    await openBus(TO_QUEUE);
    await bus.publish({ ...CLEAN, detail: { status: 'found' } });
    await bus.publish({ ...CLEAN, source: 'aws.s3' });
    expect(await received()).toEqual([]);
  });

  test('sends a repeated event with the same ID and time', async () => {
    await openBus(TO_QUEUE);
    await bus.publish(CLEAN);
    const [event] = (await received()) as [BusEvent];
    await bus.publish(event);
    expect(await received()).toEqual([event]);
  });

  test('drops an event if the queue policy allows only another rule', async () => {
    await openBus({
      ...TO_QUEUE,
      Rule: rule({ EventPattern: { source: ['aws.s3'] } }),
      Other: TO_QUEUE.Rule,
    });
    await bus.publish(CLEAN);
    expect(await received()).toEqual([]);
  });

  test.each<[string, string[], number]>([
    [
      'sends an event to an encrypted queue if the key policy allows EventBridge to encrypt',
      ['kms:GenerateDataKey*', 'kms:Decrypt'],
      1,
    ],
    [
      'drops an event for an encrypted queue if the key policy only allows EventBridge to decrypt',
      ['kms:Decrypt'],
      0,
    ],
  ])('%s', async (_, actions, count) => {
    const operator = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'kms:*', Resource: '*' };
    await openBus({
      ...TO_QUEUE,
      Queue: { Type: 'AWS::SQS::Queue', Properties: { KmsMasterKeyId: arnOf('Key') } },
      Key: {
        Type: 'AWS::KMS::Key',
        Properties: {
          KeyPolicy: document(allowing(actions, '*', 'Rule'), {
            ...operator,
            Condition: { StringEquals: { 'aws:username': 'operator' } },
          }),
        },
      },
    });
    await bus.publish(CLEAN);
    expect(await received()).toHaveLength(count);
  });

  test("sends a target's constant input instead of the event", async () => {
    const Targets = [{ Arn: arnOf('Queue'), Id: 'Target0', Input: '{"run":1}' }];
    await openBus({ ...TO_QUEUE, Rule: rule({ EventPattern: PATTERN, Targets }) });
    await bus.publish(CLEAN);
    expect(await received()).toEqual([{ run: 1 }]);
  });
});

describe('putEvent', () => {
  test('rejects an event with the source of an AWS service', async () => {
    await openBus(TO_QUEUE);
    expect(bus.putEvent(CLEAN)).toEqual({
      errorCode: 'NotAuthorizedForSourceException',
      errorMessage: 'Not authorized for the source aws.guardduty',
    });
    await bus.idle();
    expect(await received()).toEqual([]);
  });

  test('sends an event to matching rules of the default bus', async () => {
    await openBus({ ...TO_QUEUE, Rule: rule({ EventPattern: { resources: ['arn:plan'] } }) });
    const put = bus.putEvent({ ...CLEAN, source: 'my.app' });
    await bus.idle();
    expect(await received()).toEqual([
      expect.objectContaining({ source: 'my.app', id: 'eventId' in put ? put.eventId : 'none' }),
    ]);
  });
});

describe('an event bus in the template', () => {
  const OWN = { Type: 'AWS::Events::EventBus', Properties: { Name: 'own' } };
  const mine: EventContent = { ...CLEAN, source: 'my.app' };
  const onBus = (EventBusName: unknown) => ({
    ...TO_QUEUE,
    Own: OWN,
    Rule: rule({ EventPattern: { source: ['my.app'] }, EventBusName }),
  });

  test.each<[string, unknown]>([
    ['name', { Ref: 'Own' }],
    ['ARN', arnOf('Own')],
  ])('sends its events, and no others, to a rule that refers to it by %s', async (_, given) => {
    await openBus(onBus(given));
    bus.putEvent(mine);
    bus.putEvent({ ...mine, bus: 'own', at: new Date('2026-01-02T03:04:05Z') });
    await bus.idle();
    expect(await received()).toMatchObject([{ source: 'my.app', time: '2026-01-02T03:04:05Z' }]);
    expect(
      logged
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { bus: 'default', source: 'my.app' },
      { bus: 'own', source: 'my.app' },
    ]);
    expect(rules[0]?.arn).toBe('arn:aws:events:us-east-1:000000000000:rule/own/Small-Rule');
  });

  test('does not send its events to rules on the default bus', async () => {
    await openBus(onBus('default'));
    bus.putEvent({ ...mine, bus: 'own' });
    await bus.idle();
    expect(await received()).toEqual([]);
  });

  test('must exist, or putEvent fails', async () => {
    await openBus(onBus({ Ref: 'Own' }));
    expect(bus.putEvent({ ...mine, bus: 'absent' })).toEqual({
      errorCode: 'InvalidArgument',
      errorMessage: 'Event bus absent does not exist.',
    });
  });

  test('can be reserved for one role by its policy', async () => {
    await openBus({
      ...onBus({ Ref: 'Own' }),
      Policy: {
        Type: 'AWS::Events::EventBusPolicy',
        Properties: {
          EventBusName: { Ref: 'Own' },
          StatementId: 'OnlyPublisher',
          Statement: {
            Effect: 'Deny',
            Principal: '*',
            Action: 'events:PutEvents',
            Resource: arnOf('Own'),
            Condition: {
              ArnNotEquals: { 'aws:PrincipalArn': 'arn:aws:iam::000000000000:role/publisher' },
            },
          },
        },
      },
    });
    const operatorMayPut = async (name: string): Promise<boolean> => {
      const decision = await services.authorize({
        accessKeyId: services.operator.accessKeyId,
        action: 'events:PutEvents',
        resource: `arn:aws:events:us-east-1:000000000000:event-bus/${name}`,
        signatureAgeMs: 0,
        conditions: {},
      });
      return decision.allowed;
    };
    expect([await operatorMayPut('own'), await operatorMayPut('default')]).toEqual([false, true]);
  });
});

describe('a rule with a schedule', () => {
  /** Replaces the timers of schedules with fake ones. */
  const holdIntervals = () =>
    jest.useFakeTimers({
      doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'setTimeout', 'clearTimeout'],
    });
  afterEach(() => {
    jest.useRealTimers();
  });

  const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:Small-Sweep';
  const EVENT = {
    source: 'aws.events',
    'detail-type': 'Scheduled Event',
    time: '2026-03-01T12:00:00Z',
    resources: ['arn:aws:events:us-east-1:000000000000:rule/Small-SweepRule1234'],
    detail: {},
  };

  test('invokes its function when a test runs it by the beginning of its logical ID', async () => {
    await openBus(TO_FUNCTION);
    await bus.runSchedule(scheduleNamed(rules, 'SweepRule'));
    expect(invoked).toEqual([[ARN, expect.objectContaining(EVENT)]]);
  });

  test('invokes its function if the permission refers to the function by name', async () => {
    const Permission = {
      ...TO_FUNCTION.Permission,
      Properties: { ...TO_FUNCTION.Permission.Properties, FunctionName: { Ref: 'Sweep' } },
    };
    await openBus({ ...TO_FUNCTION, Permission });
    await bus.runSchedule(scheduleNamed(rules, 'SweepRule'));
    expect(invoked).toHaveLength(1);
  });

  test('does not invoke a function that lacks the permission', async () => {
    const { Permission: _, ...without } = TO_FUNCTION;
    await openBus(without);
    await bus.runSchedule(scheduleNamed(rules, 'SweepRule'));
    expect(invoked).toEqual([]);
  });

  test('invokes its function at its rate until it is stopped', async () => {
    await openBus(TO_FUNCTION);
    holdIntervals();
    const stop = startSchedules(rules, bus);
    jest.advanceTimersByTime(4 * 60_000);
    await bus.idle();
    expect(invoked).toHaveLength(0);
    jest.advanceTimersByTime(6 * 60_000);
    await bus.idle();
    expect(invoked).toHaveLength(2);
    stop();
    jest.advanceTimersByTime(60 * 60_000);
    await bus.idle();
    expect(invoked).toHaveLength(2);
  });

  test("can have a period longer than the maximum of Node's timers", async () => {
    await openBus({ ...TO_FUNCTION, SweepRule1234: rule({ ScheduleExpression: 'rate(30 days)' }, 'Sweep') });
    holdIntervals();
    const stop = startSchedules(rules, bus);
    jest.advanceTimersByTime(20 * 86_400_000);
    stop();
    await bus.idle();
    expect(invoked).toEqual([]);
  });

  test('cannot be run by the name of a rule that has a pattern', async () => {
    await openBus({ ...TO_FUNCTION, ...TO_QUEUE });
    expect(() => scheduleNamed(rules, 'Rule')).toThrow('0 scheduled rules');
  });
});

describe('the rules in the template', () => {
  const read = (properties: object, ignored: Record<string, string> = {}) =>
    readRules(
      modelOf({
        Rule: rule(properties),
        Queue: { Type: 'AWS::SQS::Queue' },
        Topic: { Type: 'AWS::SNS::Topic' },
        Own: { Type: 'AWS::Events::EventBus', Properties: { Name: 'own' } },
      }),
      ignored,
    );
  const toTopic = { EventPattern: PATTERN, Targets: [{ Arn: { Ref: 'Topic' }, Id: 'Target0' }] };

  test.each<[string, object, string]>([
    ['a cron schedule', { ScheduleExpression: 'cron(0 12 * * ? *)' }, 'has the schedule cron(0 12 * * ? *)'],
    ['a rate of zero', { ScheduleExpression: 'rate(0 minutes)' }, 'has the schedule rate(0 minutes)'],
    ['an unknown operator', { EventPattern: { source: [{ cidr: 'a' }] } }, '{"cidr":"a"}'],
    [
      'a pattern and a schedule',
      { EventPattern: PATTERN, ScheduleExpression: 'rate(1 hour)' },
      'has both a pattern and a schedule',
    ],
    ['neither pattern nor schedule', {}, 'has an event pattern that is not an object'],
    ['a bus of another stack', { EventPattern: PATTERN, EventBusName: 'mine' }, 'is on the event bus mine'],
    [
      'a schedule on a bus of the stack',
      { ScheduleExpression: 'rate(1 hour)', EventBusName: 'own' },
      'Schedules run on the default bus',
    ],
    ['a target of another kind', toTopic, 'which is neither a queue nor a function of this stack'],
    [
      'an input transformer',
      { EventPattern: PATTERN, Targets: [{ Arn: arnOf('Queue'), Id: 'a', InputTransformer: {} }] },
      'InputTransformer',
    ],
  ])('a rule with %s is rejected', (_, properties, message) => {
    expect(() => read(properties)).toThrow(message);
  });

  test('targets of an ignored type are omitted, and so are rules without other targets', () => {
    expect(read(toTopic, { 'AWS::SNS::Topic': 'nobody subscribes' })).toEqual([]);
  });

  test('disabled rules are omitted, and all rules if their type is ignored', () => {
    expect(read({ EventPattern: PATTERN, State: 'DISABLED' })).toEqual([]);
    expect(read({ ScheduleExpression: 'cron(x)' }, { 'AWS::Events::Rule': 'no events here' })).toEqual([]);
  });
});
