import { beforeAll, describe, expect, test } from '@jest/globals';
import { inWords, resource, resourcesOf, type Template, templateOf } from './template.ts';

let template: Template;

beforeAll(() => {
  template = templateOf();
});

describe('bounces and complaints', () => {
  test('are the only events that SES publishes, because tracking opens and clicks would rewrite links', () => {
    const destinations = resourcesOf(template, 'AWS::SES::ConfigurationSetEventDestination');
    expect(destinations.map(([, { Properties }]) => inWords(Properties))).toEqual([
      {
        ConfigurationSetName: '<ConfigurationSet>',
        EventDestination: {
          Enabled: true,
          EventBridgeDestination: {
            EventBusArn: 'arn:<AWS::Partition>:events:<AWS::Region>:<AWS::AccountId>:event-bus/default',
          },
          MatchingEventTypes: ['bounce', 'complaint'],
        },
      },
    ]);
  });

  test('go to the bounce queue only if this stack sent the e-mail', () => {
    expect(inWords(resource(template, 'BounceRule').Properties)).toMatchObject({
      EventPattern: {
        source: ['aws.ses'],
        detail: {
          eventType: ['Bounce', 'Complaint'],
          mail: { tags: { 'ses:configuration-set': ['<ConfigurationSet>'] } },
        },
      },
      State: 'ENABLED',
      Targets: [
        { Arn: '<BounceQueue.Arn>', DeadLetterConfig: { Arn: '<BounceDeadLetterQueue.Arn>' }, Id: 'Target0' },
      ],
    });
  });

  test.each(['BounceQueue', 'BounceDeadLetterQueue'])('enter %s only through BounceRule', (queue) => {
    const statements = resourcesOf(template, 'AWS::SQS::QueuePolicy')
      .filter(([, { Properties }]) => JSON.stringify(inWords(Properties.Queues)) === `["<${queue}>"]`)
      .flatMap(([, { Properties }]) => {
        const { Statement } = Properties.PolicyDocument as { readonly Statement: unknown };
        return inWords(Statement) as { readonly Effect: string }[];
      });
    expect(statements.filter(({ Effect }) => Effect === 'Allow')).toEqual([
      {
        Sid: 'TakeBounces',
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: `<${queue}.Arn>`,
        Condition: { ArnEquals: { 'aws:SourceArn': '<BounceRule.Arn>' } },
      },
    ]);
    expect(JSON.stringify(statements)).toContain('"aws:SecureTransport":"false"');
  });

  test('are encrypted with the notice key, because they name recipients', () => {
    for (const queue of ['BounceQueue', 'BounceDeadLetterQueue']) {
      expect(inWords(resource(template, queue).Properties.KmsMasterKeyId)).toBe('<NoticeKey.Arn>');
    }
  });

  test('are handled one at a time, attempted five times, and then moved to the dead-letter queue', () => {
    expect(inWords(resource(template, 'BounceQueueMapping').Properties)).toMatchObject({
      EventSourceArn: '<BounceQueue.Arn>',
      FunctionName: '<BouncesFunction>',
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    const { RedrivePolicy, VisibilityTimeout } = resource(template, 'BounceQueue').Properties;
    expect(inWords(RedrivePolicy)).toEqual({
      deadLetterTargetArn: '<BounceDeadLetterQueue.Arn>',
      maxReceiveCount: 5,
    });
    const timeout = Number(resource(template, 'BouncesFunction').Properties.Timeout);
    expect(Number(VisibilityTimeout)).toBeGreaterThanOrEqual(6 * timeout);
    expect(resource(template, 'BounceDeadLetterQueue').Properties.MessageRetentionPeriod).toBe(14 * 86_400);
  });

  test('are never forwarded by mail, because returned e-mails contain tokens', () => {
    expect(resource(template, 'SenderIdentity').Properties.FeedbackAttributes).toEqual({
      EmailForwardingEnabled: false,
    });
  });
});
