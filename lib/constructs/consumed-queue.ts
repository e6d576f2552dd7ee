import { Duration, Validations } from 'aws-cdk-lib';
import type { Rule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { setLogicalId } from './logical-id.ts';

const TRIES = 5;
/** The longest retention that SQS allows, to give operators time to find the cause. */
const DEAD_LETTER_RETENTION = Duration.days(14);
/** Messages per invocation. A slow message must not use up the time of the ones behind it. */
const BATCH_SIZE = 1;
/** The lowest maximum concurrency that Lambda allows. SES lets a new account send one e-mail a second. */
const CONSUMERS = 2;

export interface ConsumedQueueProps {
  /** Prefix of the logical IDs: `Mail` for MailQueue. */
  readonly name: string;
  /** The key that encrypts the queue and its dead-letter queue. */
  readonly key: Key;
  readonly consumerTimeoutSeconds: number;
  /**
   * The pause between attempts to handle a message.
   *
   * @default six times the consumer's timeout, as AWS recommends (Lambda Developer Guide, "Using Lambda with Amazon
   * SQS")
   */
  readonly retrySeconds?: number;
}

/** Creates a queue that a function consumes, and its dead-letter queue. */
export class ConsumedQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly #name: string;

  constructor(
    scope: Construct,
    id: string,
    { name, key, consumerTimeoutSeconds, retrySeconds = 6 * consumerTimeoutSeconds }: ConsumedQueueProps,
  ) {
    super(scope, id);
    const shared = { encryption: QueueEncryption.KMS, encryptionMasterKey: key, enforceSSL: true };
    this.deadLetters = new Queue(this, `${name}DeadLetterQueue`, {
      ...shared,
      retentionPeriod: DEAD_LETTER_RETENTION,
    });
    this.queue = new Queue(this, `${name}Queue`, {
      ...shared,
      visibilityTimeout: Duration.seconds(retrySeconds),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: TRIES },
    });
    Validations.of(this.deadLetters).acknowledge({
      id: 'Serverless-SQSRedrivePolicy',
      reason: 'This is the dead-letter queue. An alarm notifies the operator of messages in it.',
    });
    setLogicalId(this.deadLetters, `${name}DeadLetterQueue`);
    setLogicalId(this.queue, `${name}Queue`);
    this.#name = name;
  }

  /**
   * Adds the queue as the target of an EventBridge rule. The CDK's own target would admit every rule in the account and
   * widen the key's policy. Events that EventBridge cannot deliver go to the dead-letter queue.
   */
  protected accept(sid: string, rule: Rule): void {
    for (const queue of [this.queue, this.deadLetters]) {
      queue.addToResourcePolicy(
        new PolicyStatement({
          sid,
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

  /** Lets a function consume the queue. If a message fails, only that message is retried. */
  invoke(target: IFunction): void {
    const id = `${this.#name}QueueMapping`;
    const mapping = new EventSourceMapping(this, id, {
      target,
      eventSourceArn: this.queue.queueArn,
      batchSize: BATCH_SIZE,
      maxConcurrency: CONSUMERS,
      reportBatchItemFailures: true,
    });
    Validations.of(mapping).acknowledge({
      id: 'Serverless-LambdaEventSourceMappingDestination',
      reason:
        'Lambda has no failure destinations for queues. A message that keeps failing goes to the dead-letter queue.',
    });
    setLogicalId(mapping, id);
  }
}
