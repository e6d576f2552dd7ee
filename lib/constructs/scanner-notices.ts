import { Duration, Validations } from 'aws-cdk-lib';
import { type IRule, Rule } from 'aws-cdk-lib/aws-events';
import type { CfnMalwareProtectionPlan } from 'aws-cdk-lib/aws-guardduty';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { setLogicalId } from './logical-id.ts';

/**
 * The events with which GuardDuty reports that it could not scan or tag uploads (Amazon GuardDuty User Guide,
 * "Monitoring S3 object scans with Amazon EventBridge"). That page spells one of them in two ways.
 */
const TROUBLE = [
  'GuardDuty Malware Protection Post Scan Action Failed',
  'GuardDuty Malware Protection Resource Status Warning',
  'GuardDuty Malware Protection Resource Status warning',
  'GuardDuty Malware Protection Resource Status Error',
];

export interface ScannerNoticesProps {
  readonly plan: CfnMalwareProtectionPlan;
  /** The key that encrypts the queue. EventBridge must be allowed to use it. */
  readonly key: Key;
}

/**
 * Keeps GuardDuty's reports of its own failures in a queue that only operators read. The alarm watches the queue,
 * because EventBridge counts matched events on a best-effort basis and keeps none of them.
 */
export class ScannerNotices extends Construct {
  readonly queue: Queue;
  readonly rule: IRule;

  constructor(scope: Construct, id: string, { plan, key }: ScannerNoticesProps) {
    super(scope, id);
    this.queue = new Queue(this, 'ScannerNoticeQueue', {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    const rule = new Rule(this, 'ScannerNoticeRule', {
      description: 'GuardDuty cannot scan or tag uploads of this stack',
      eventPattern: { source: ['aws.guardduty'], detailType: TROUBLE, resources: [plan.attrArn] },
    });
    this.queue.addToResourcePolicy(
      new PolicyStatement({
        sid: 'TakeNotices',
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [this.queue.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': rule.ruleArn } },
      }),
    );
    rule.addTarget({ bind: () => ({ arn: this.queue.queueArn }) });
    for (const id of ['AwsSolutions-SQS3', 'Serverless-SQSRedrivePolicy']) {
      const reason = 'Nothing consumes the queue. The operator reads it after an alarm.';
      Validations.of(this.queue).acknowledge({ id, reason });
    }
    Validations.of(rule).acknowledge({
      id: 'Serverless-EventBusDLQ',
      reason:
        'The target is itself a queue that only operators read. UndeliveredEventAlarm reports events that do not reach it.',
    });
    setLogicalId(this.queue, 'ScannerNoticeQueue');
    setLogicalId(rule, 'ScannerNoticeRule');
    this.rule = rule;
  }
}
