import { Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type ITopic, Subscription, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { setLogicalId } from './logical-id.ts';

/**
 * Returns the topics that alarms are published to: a topic of this stack that mails to `alarmEmail`, the topic of
 * `alarmTopicArn`, both, or none. CloudWatch and EventBridge may publish to this stack's topic and use its key
 * (keys.ts).
 */
export function alarmTopics(
  scope: Construct,
  key: IKey,
  { stackName, alarmEmail, alarmTopicArn }: Pick<Config, 'stackName' | 'alarmEmail' | 'alarmTopicArn'>,
): readonly ITopic[] {
  const own = alarmEmail === undefined ? [] : [topicTo(scope, alarmEmail, { key, stackName })];
  return alarmTopicArn === undefined
    ? own
    : [...own, Topic.fromTopicArn(scope, 'GivenAlarmTopic', alarmTopicArn)];
}

function topicTo(
  scope: Construct,
  endpoint: string,
  { key, stackName }: { readonly key: IKey; readonly stackName: string },
): ITopic {
  const topic = new Topic(scope, 'AlarmTopic', {
    displayName: `Alarms of ${stackName}`,
    masterKey: key,
    enforceSSL: true,
  });
  const publish = { actions: ['sns:Publish'], resources: [topic.topicArn] };
  topic.addToResourcePolicy(
    new PolicyStatement({
      ...publish,
      sid: 'TakeAlarms',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
  );
  topic.addToResourcePolicy(
    new PolicyStatement({
      ...publish,
      sid: 'TakeEvents',
      // No condition: EventBridge does not support conditions in topic policies, and would silently drop messages
      // (Amazon EventBridge User Guide, "Using resource-based policies", "Amazon SNS permissions").
      principals: [new ServicePrincipal('events.amazonaws.com')],
    }),
  );
  const subscription = new Subscription(scope, 'AlarmSubscription', {
    topic,
    protocol: SubscriptionProtocol.EMAIL,
    endpoint,
  });
  Validations.of(subscription).acknowledge({
    id: 'Serverless-SNSRedrivePolicy',
    reason:
      'If an e-mail is lost, the alarm is still in CloudWatch. Nobody would read a queue of old alarms.',
  });
  setLogicalId(topic, 'AlarmTopic');
  setLogicalId(subscription, 'AlarmSubscription');
  return topic;
}
