import { Validations } from 'aws-cdk-lib';
import { EventField, type IRule, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { setLogicalId } from './logical-id.ts';

/** The calls that make a key unusable, immediately or after its waiting period. */
const ENDANGERING = ['ScheduleKeyDeletion', 'DisableKey'];

export interface KeyGuardProps {
  readonly keys: readonly IKey[];
  readonly topics: readonly ITopic[];
}

/**
 * Notifies the alarm topics as soon as somebody disables a key or schedules its deletion. No metric counts these
 * calls. EventBridge gets them from CloudTrail, so the account needs a trail of management events.
 */
export class KeyGuard extends Construct {
  readonly rule: IRule;

  constructor(scope: Construct, id: string, { keys, topics }: KeyGuardProps) {
    super(scope, id);
    const arns = keys.map(({ keyArn }) => keyArn);
    // AWS does not document whether a pattern matches inside an array of objects such as `resources`. So the rule also
    // matches the request, which names the key by its ID or its ARN (AWS KMS Developer Guide, "DisableKey").
    const named = { keyId: [...arns, ...keys.map(({ keyId }) => keyId)] };
    const rule = new Rule(this, 'KeyEndangeredRule', {
      description: 'Somebody disabled a key of this stack, or scheduled its deletion',
      eventPattern: {
        source: ['aws.kms'],
        detail: { eventName: ENDANGERING, $or: [{ resources: { ARN: arns } }, { requestParameters: named }] },
      },
    });
    const name = EventField.fromPath('$.detail.eventName');
    const key = EventField.fromPath('$.detail.resources[0].ARN');
    const input = RuleTargetInput.fromText(
      `${name} for ${key}. The stack does not work without this key. First: cancel the deletion, or enable the key. See docs/operations.md#keyendangeredrule`,
    );
    // The CDK's own target for topics would widen their policies, which already admit EventBridge.
    for (const { topicArn } of topics) rule.addTarget({ bind: () => ({ arn: topicArn, input }) });
    Validations.of(rule).acknowledge({
      id: 'Serverless-EventBusDLQ',
      reason: 'A late warning is worthless. If the key is lost, alarms on failing functions follow.',
    });
    setLogicalId(rule, 'KeyEndangeredRule');
    this.rule = rule;
  }
}
