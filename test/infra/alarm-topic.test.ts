import { describe, expect, test } from '@jest/globals';
import { inWords, resource, resourcesOf, SENDER, templateOf, warningsOf } from './template.ts';

const template = templateOf({
  senderEmail: SENDER,
  alarmEmail: 'ops@example.org',
  alarmTopicArn: 'arn:aws:sns:eu-west-1:111122223333:pager',
});

describe('the alarm topic', () => {
  test('sends mail to alarmEmail, and is encrypted with the notice key, which CloudWatch can use', () => {
    expect(inWords(resource(template, 'AlarmSubscription').Properties)).toEqual({
      Protocol: 'email',
      Endpoint: 'ops@example.org',
      TopicArn: '<AlarmTopic>',
    });
    expect(inWords(resource(template, 'AlarmTopic').Properties.KmsMasterKeyId)).toBe('<NoticeKey.Arn>');
  });

  test('accepts messages from CloudWatch for this account only, from EventBridge unconditionally, and from nobody without TLS', () => {
    const [policy] = resourcesOf(template, 'AWS::SNS::TopicPolicy').map(
      ([, { Properties }]) => inWords(Properties.PolicyDocument) as { readonly Statement: unknown },
    );
    const publish = { Effect: 'Allow', Action: 'sns:Publish', Resource: '<AlarmTopic>' };
    expect(policy?.Statement).toEqual([
      expect.objectContaining({
        Effect: 'Deny',
        Principal: '*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
      {
        ...publish,
        Sid: 'TakeAlarms',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': '<AWS::AccountId>' } },
      },
      { ...publish, Sid: 'TakeEvents', Principal: { Service: 'events.amazonaws.com' } },
    ]);
  });

  test('is notified immediately when a key is disabled or its deletion is scheduled', () => {
    const { EventPattern, Targets } = inWords(resource(template, 'KeyEndangeredRule').Properties) as {
      readonly EventPattern: { readonly detail: { readonly $or: unknown } };
      readonly Targets: readonly { readonly Arn: string }[];
    };
    expect(EventPattern).toMatchObject({
      source: ['aws.kms'],
      detail: { eventName: ['ScheduleKeyDeletion', 'DisableKey'] },
    });
    const keys = ['DataKey', 'SigningKey', 'PseudonymKey', 'NoticeKey'];
    expect(keys.toSorted()).toEqual(
      resourcesOf(template, 'AWS::KMS::Key')
        .map(([id]) => id)
        .toSorted(),
    );
    const arns = keys.map((key) => `<${key}.Arn>`);
    expect(EventPattern.detail.$or).toEqual([
      { resources: { ARN: arns } },
      { requestParameters: { keyId: [...arns, ...keys.map((key) => `<${key}>`)] } },
    ]);
    expect(Targets.map(({ Arn }) => Arn)).toEqual([
      '<AlarmTopic>',
      'arn:aws:sns:eu-west-1:111122223333:pager',
    ]);
  });

  test('is expected in prod, where a missing topic causes a warning', () => {
    const prod = { stage: 'prod', senderDomain: 'example.org' };
    const alarming = expect.stringContaining('Nobody receives alarms');
    expect(warningsOf(prod)).toContainEqual(alarming);
    expect(warningsOf({ ...prod, alarmEmail: 'ops@example.org' })).not.toContainEqual(alarming);
    expect(warningsOf({ senderEmail: SENDER })).not.toContainEqual(alarming);
  });

  test('does not exist if neither alarmEmail nor alarmTopicArn is set', () => {
    const silent = templateOf();
    expect(resourcesOf(silent, 'AWS::SNS::Topic')).toEqual([]);
    expect(silent.Resources.KeyEndangeredRule).toBeUndefined();
    for (const [, { Properties }] of resourcesOf(silent, 'AWS::CloudWatch::Alarm')) {
      expect([Properties.AlarmActions, Properties.OKActions]).toEqual([undefined, undefined]);
    }
  });
});
