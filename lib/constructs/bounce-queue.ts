import { Duration, Validations } from 'aws-cdk-lib';
import { EventBus, type IRule, Rule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping, type IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  type ConfigurationSet,
  ConfigurationSetEventDestination,
  EmailSendingEvent,
  EventDestination,
} from 'aws-cdk-lib/aws-ses';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { setLogicalId } from './logical-id.ts';

const TRIES = 5;
const RETENTION = Duration.days(14);
/** The smallest concurrency that Lambda allows. Bounces are rare, unless the list of recipients is wrong. */
const CONSUMERS = 2;

export interface BounceQueueProps {
  /** Encrypts the queues, because SES names recipients; EventBridge must be allowed to use it. */
  readonly key: Key;
  /** The configuration set that mails are sent under. Only their bounces are queued. */
  readonly sentUnder: ConfigurationSet;
  /** The timeout of the function that consumes the queue. */
  readonly consumerTimeoutSeconds: number;
}

/**
 * Creates the path of bounces and complaints from SES: SES → EventBridge → queue. It does not use mail, because a
 * returned mail contains the original, including the token. It subscribes to no other events, because open and click
 * tracking would rewrite the links.
 */
export class BounceQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  /** Sends bounces and complaints to the queue. */
  readonly rule: IRule;

  constructor(scope: Construct, id: string, { key, sentUnder, consumerTimeoutSeconds }: BounceQueueProps) {
    super(scope, id);
    const shared = { encryption: QueueEncryption.KMS, encryptionMasterKey: key, enforceSSL: true };
    this.deadLetters = new Queue(this, 'BounceDeadLetterQueue', { ...shared, retentionPeriod: RETENTION });
    this.queue = new Queue(this, 'BounceQueue', {
      ...shared,
      // Lambda asks for six times the consumer's timeout (Lambda Developer Guide, "Using Lambda with Amazon SQS").
      visibilityTimeout: Duration.seconds(6 * consumerTimeoutSeconds),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: TRIES },
    });
    Validations.of(this.deadLetters).acknowledge({
      id: 'Serverless-SQSRedrivePolicy',
      reason: 'This is the dead-letter queue. An alarm tells the operator about messages in it.',
    });
    const rule = new Rule(this, 'BounceRule', {
      description: 'Bounces and complaints about mails of this stack',
      eventPattern: {
        source: ['aws.ses'],
        detail: {
          eventType: ['Bounce', 'Complaint'],
          mail: { tags: { 'ses:configuration-set': [sentUnder.configurationSetName] } },
        },
      },
    });
    this.#accept(rule);
    const destination = new ConfigurationSetEventDestination(this, 'BounceEvents', {
      configurationSet: sentUnder,
      // SES publishes only to the default bus.
      destination: EventDestination.eventBus(EventBus.fromEventBusName(this, 'DefaultBus', 'default')),
      events: [EmailSendingEvent.BOUNCE, EmailSendingEvent.COMPLAINT],
    });
    setLogicalId(this.deadLetters, 'BounceDeadLetterQueue');
    setLogicalId(this.queue, 'BounceQueue');
    setLogicalId(rule, 'BounceRule');
    this.rule = rule;
    setLogicalId(destination, 'BounceEvents');
  }

  /**
   * Adds the queue as the rule's target. The CDK's own target for queues would let every rule of the account in, and
   * widen the key's policy. EventBridge itself puts what it cannot deliver into the dead-letter queue.
   */
  #accept(rule: Rule): void {
    for (const queue of [this.queue, this.deadLetters]) {
      queue.addToResourcePolicy(
        new PolicyStatement({
          sid: 'TakeBounces',
          principals: [new ServicePrincipal('events.amazonaws.com')],
          actions: ['sqs:SendMessage'],
          resources: [queue.queueArn],
          conditions: { ArnEquals: { 'aws:SourceArn': rule.ruleArn } },
        }),
      );
    }
    const deadLetterConfig = { arn: this.deadLetters.queueArn };
    rule.addTarget({ bind: () => ({ arn: this.queue.queueArn, deadLetterConfig }) });
  }

  /** Lets a function consume the queue, one bounce at a time. */
  invoke(target: IFunction): void {
    const mapping = new EventSourceMapping(this, 'BounceQueueMapping', {
      target,
      eventSourceArn: this.queue.queueArn,
      batchSize: 1,
      maxConcurrency: CONSUMERS,
      reportBatchItemFailures: true,
    });
    Validations.of(mapping).acknowledge({
      id: 'Serverless-LambdaEventSourceMappingDestination',
      reason: 'Lambda offers none for queues. A message that keeps failing goes to the dead-letter queue.',
    });
    setLogicalId(mapping, 'BounceQueueMapping');
  }
}
