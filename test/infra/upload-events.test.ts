import { beforeAll, describe, expect, test } from '@jest/globals';
import { inWords, resource, resourcesOf, type Template, templateOf } from './template.ts';

let template: Template;

beforeAll(() => {
  template = templateOf();
});

describe('an event about uploads', () => {
  const pattern = (rule: string) => inWords(resource(template, rule).Properties.EventPattern);

  test('comes from S3 for this bucket, or from GuardDuty for this plan', () => {
    expect(pattern('UploadArrivedRule')).toEqual({
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: { bucket: { name: ['<FileBucket>'] }, object: { key: [{ prefix: 'uploads/' }] } },
    });
    expect(pattern('VerdictRule')).toEqual({
      source: ['aws.guardduty'],
      'detail-type': ['GuardDuty Malware Protection Object Scan Result'],
      resources: ['<MalwareProtectionPlan.Arn>'],
    });
    expect(resource(template, 'FileBucket').Properties.NotificationConfiguration).toEqual({
      EventBridgeConfiguration: { EventBridgeEnabled: true },
    });
    expect(resourcesOf(template, 'Custom::S3BucketNotifications')).toEqual([]);
  });

  test.each([
    ['VerdictQueue', ['<UploadArrivedRule.Arn>', '<VerdictRule.Arn>']],
    ['VerdictDeadLetterQueue', ['<UploadArrivedRule.Arn>', '<VerdictRule.Arn>']],
    ['ScannerNoticeQueue', ['<ScannerNoticeRule.Arn>']],
  ])('enters %s only through its rules', (queue, rules) => {
    const allowed = resourcesOf(template, 'AWS::SQS::QueuePolicy')
      .filter(([, { Properties }]) => JSON.stringify(inWords(Properties.Queues)) === `["<${queue}>"]`)
      .flatMap(([, { Properties }]) => {
        const { Statement } = Properties.PolicyDocument as { readonly Statement: unknown };
        return inWords(Statement) as { readonly Effect: string; readonly Condition: unknown }[];
      })
      .filter(({ Effect }) => Effect === 'Allow');
    expect(allowed.map(({ Condition }) => Condition)).toEqual(
      rules.map((rule) => ({ ArnEquals: { 'aws:SourceArn': rule } })),
    );
    expect(allowed).toEqual(
      allowed.map(() =>
        expect.objectContaining({
          Action: 'sqs:SendMessage',
          Principal: { Service: 'events.amazonaws.com' },
        }),
      ),
    );
    expect(inWords(resource(template, queue).Properties.KmsMasterKeyId)).toBe('<NoticeKey.Arn>');
  });

  test('is retried after a minute if its handling fails, because the tag may arrive after the event', () => {
    const { Timeout } = resource(template, 'VerdictsFunction').Properties;
    const { VisibilityTimeout } = resource(template, 'VerdictQueue').Properties;
    expect(VisibilityTimeout).toBe(60);
    expect(Number(Timeout)).toBeLessThan(60);
  });

  test('goes to a queue for operators if it reports a failure of GuardDuty itself for this plan', () => {
    expect(pattern('ScannerNoticeRule')).toMatchObject({
      source: ['aws.guardduty'],
      'detail-type': expect.arrayContaining([
        'GuardDuty Malware Protection Post Scan Action Failed',
        'GuardDuty Malware Protection Resource Status Error',
      ]),
      resources: ['<MalwareProtectionPlan.Arn>'],
    });
  });

  test('is not required, because the sweep runs every five minutes', () => {
    expect(inWords(resource(template, 'SweepRule').Properties)).toMatchObject({
      ScheduleExpression: 'rate(5 minutes)',
      Targets: [{ Arn: '<SweepFunction.Arn>' }],
    });
  });
});
