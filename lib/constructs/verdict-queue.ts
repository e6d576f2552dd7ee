import { type IRule, Rule, type RuleProps } from 'aws-cdk-lib/aws-events';
import type { CfnMalwareProtectionPlan } from 'aws-cdk-lib/aws-guardduty';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { ConsumedQueue, type ConsumedQueueProps } from './consumed-queue.ts';
import { UPLOAD_PREFIX } from './file-store.ts';
import { setLogicalId } from './logical-id.ts';

/** `key` encrypts the queues. EventBridge must be allowed to use it. */
export interface VerdictQueueProps extends Omit<ConsumedQueueProps, 'name'> {
  readonly bucket: Bucket;
  readonly plan: CfnMalwareProtectionPlan;
}

/**
 * Creates the path for events about uploads: S3 and GuardDuty → EventBridge → queue. Only a service can send an event
 * whose source begins with `aws.` (Amazon EventBridge API Reference, "PutEvents"), and only events of our bucket and
 * our plan are accepted.
 */
export class VerdictQueue extends ConsumedQueue {
  readonly rules: readonly IRule[];

  constructor(scope: Construct, id: string, { bucket, plan, ...props }: VerdictQueueProps) {
    super(scope, id, { ...props, name: 'Verdict' });
    this.rules = [
      this.#rule('UploadArrivedRule', 'TakeArrivals', {
        description: 'An upload has arrived in the bucket of this stack',
        eventPattern: {
          source: ['aws.s3'],
          detailType: ['Object Created'],
          detail: { bucket: { name: [bucket.bucketName] }, object: { key: [{ prefix: UPLOAD_PREFIX }] } },
        },
      }),
      this.#rule('VerdictRule', 'TakeVerdicts', {
        description: 'GuardDuty has scanned an upload of this stack',
        eventPattern: {
          source: ['aws.guardduty'],
          detailType: ['GuardDuty Malware Protection Object Scan Result'],
          resources: [plan.attrArn],
        },
      }),
    ];
  }

  #rule(logicalId: string, sid: string, props: RuleProps): Rule {
    const rule = new Rule(this, logicalId, props);
    this.accept(sid, rule);
    setLogicalId(rule, logicalId);
    return rule;
  }
}
