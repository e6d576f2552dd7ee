import { describe, expect, test } from '@jest/globals';
import type { BusEvent, EventContent } from '../../src/events/event.ts';
import {
  allowing,
  arnOf,
  document,
  PATTERN,
  rule,
  smallEventBus,
  TO_QUEUE,
} from '../support/small-event-bus.ts';

const small = smallEventBus();

const CLEAN: EventContent = {
  source: 'aws.guardduty',
  'detail-type': 'Scan Result',
  resources: ['arn:plan'],
  detail: { status: 'clean' },
};

describe('a rule with a pattern', () => {
  test('sends a matching event to the queue, with the fields that EventBridge adds', async () => {
    await small().open(TO_QUEUE);
    await small().bus.publish(CLEAN);
    expect(await small().received()).toEqual([
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
    await small().open(TO_QUEUE);
    await small().bus.publish({ ...CLEAN, detail: { status: 'found' } });
    await small().bus.publish({ ...CLEAN, source: 'aws.s3' });
    expect(await small().received()).toEqual([]);
  });

  test('sends an event with its original ID and time if the event is published again', async () => {
    await small().open(TO_QUEUE);
    await small().bus.publish(CLEAN);
    const [event] = (await small().received()) as [BusEvent];
    await small().bus.publish(event);
    expect(await small().received()).toEqual([event]);
  });

  test('drops an event if the queue policy allows only another rule to send messages', async () => {
    await small().open({
      ...TO_QUEUE,
      Rule: rule({ EventPattern: { source: ['aws.s3'] } }),
      Other: TO_QUEUE.Rule,
    });
    await small().bus.publish(CLEAN);
    expect(await small().received()).toEqual([]);
  });

  test.each<[string, string[], number]>([
    [
      'sends an event to an encrypted queue if the key policy allows EventBridge to encrypt',
      ['kms:GenerateDataKey*', 'kms:Decrypt'],
      1,
    ],
    [
      'drops an event for an encrypted queue if the key policy allows EventBridge only to decrypt',
      ['kms:Decrypt'],
      0,
    ],
  ])('%s', async (_, actions, count) => {
    const operator = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'kms:*', Resource: '*' };
    await small().open({
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
    await small().bus.publish(CLEAN);
    expect(await small().received()).toHaveLength(count);
  });

  test("sends a target's constant input instead of the event", async () => {
    const Targets = [{ Arn: arnOf('Queue'), Id: 'Target0', Input: '{"run":1}' }];
    await small().open({ ...TO_QUEUE, Rule: rule({ EventPattern: PATTERN, Targets }) });
    await small().bus.publish(CLEAN);
    expect(await small().received()).toEqual([{ run: 1 }]);
  });
});

describe('putEvent', () => {
  test('rejects an event for a bus that does not exist', async () => {
    await small().open(TO_QUEUE);
    expect(small().bus.putEvent({ ...CLEAN, source: 'my.app', bus: 'absent' })).toEqual({
      errorCode: 'InvalidArgument',
      errorMessage: 'Event bus absent does not exist.',
    });
  });

  test('rejects an event with the source of an AWS service', async () => {
    await small().open(TO_QUEUE);
    expect(small().bus.putEvent(CLEAN)).toEqual({
      errorCode: 'NotAuthorizedForSourceException',
      errorMessage: 'Not authorized for the source aws.guardduty',
    });
    await small().bus.idle();
    expect(await small().received()).toEqual([]);
  });

  test('sends an event to matching rules of the default bus', async () => {
    await small().open({ ...TO_QUEUE, Rule: rule({ EventPattern: { resources: ['arn:plan'] } }) });
    const put = small().bus.putEvent({ ...CLEAN, source: 'my.app' });
    await small().bus.idle();
    expect(await small().received()).toEqual([
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
  ])('sends only its own events to a rule that refers to the bus by %s', async (_, given) => {
    await small().open(onBus(given));
    small().bus.putEvent(mine);
    small().bus.putEvent({ ...mine, bus: 'own', at: new Date('2026-01-02T03:04:05Z') });
    await small().bus.idle();
    expect(await small().received()).toMatchObject([{ source: 'my.app', time: '2026-01-02T03:04:05Z' }]);
    expect(
      small()
        .logged.split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { bus: 'default', source: 'my.app' },
      { bus: 'own', source: 'my.app' },
    ]);
    expect(small().rules[0]?.arn).toBe('arn:aws:events:us-east-1:000000000000:rule/own/Small-Rule');
  });

  test('does not send its events to rules on the default bus', async () => {
    await small().open(onBus('default'));
    small().bus.putEvent({ ...mine, bus: 'own' });
    await small().bus.idle();
    expect(await small().received()).toEqual([]);
  });

  test('can be restricted to one role by an event bus policy', async () => {
    await small().open({
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
      const decision = await small().services.authorize({
        accessKeyId: small().services.operator.accessKeyId,
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
