import { Duration, Lazy, Validations } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping, type IFunction, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { streamArn } from '../permissions/events.ts';
import { setLogicalId } from './logical-id.ts';
import { PERIOD } from './metrics.ts';

/** Maximum number of events in one call to the bus (Amazon EventBridge API Reference, "PutEvents"). */
const BATCH_SIZE = 10;

/** Age at which a failing change is abandoned and reported. A stream keeps its records for 24 hours. */
const LONGEST_TRY = Duration.hours(23);

/** The writes to a table that match a pattern. */
export interface Changes {
  /** The logical ID of the mapping. */
  readonly name: string;
  readonly table: Table;
  /**
   * The filter pattern for the stream records of these writes (AWS Lambda Developer Guide, "Using event filtering
   * with a DynamoDB event source").
   */
  readonly pattern: object;
}

export interface ChangeFeedProps {
  readonly changes: readonly Changes[];
  /** The key that encrypts the failure queue. */
  readonly key: Key;
}

/**
 * Feeds table changes to a function. Each mapping delivers the changes of a row in the order in which they were
 * written. A batch that fails is retried, in smaller parts, until it succeeds or is abandoned. At most two mappings can
 * read the same stream.
 */
export class ChangeFeed extends Construct {
  /** The queue for the stream positions of abandoned records. */
  readonly failures: Queue;
  /** Age, in milliseconds, of the last change that the function received. */
  readonly age: Metric;
  readonly #changes: readonly Changes[];
  #target: IFunction | undefined;

  constructor(scope: Construct, id: string, { changes, key }: ChangeFeedProps) {
    super(scope, id);
    this.#changes = changes;
    this.failures = new Queue(this, 'EventFailureQueue', {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    for (const rule of ['AwsSolutions-SQS3', 'Serverless-SQSRedrivePolicy']) {
      const reason = 'Nothing consumes the queue. The operator reads it after an alarm.';
      Validations.of(this.failures).acknowledge({ id: rule, reason });
    }
    setLogicalId(this.failures, 'EventFailureQueue');
    this.age = new Metric({
      namespace: 'AWS/Lambda',
      metricName: 'IteratorAge',
      // Lazy, because the function is created after its alarms are described.
      dimensionsMap: { FunctionName: Lazy.string({ produce: () => this.#target?.functionName }) },
      period: PERIOD,
      statistic: Stats.MAXIMUM,
    });
  }

  /** Lets a function consume the changes. */
  invoke(target: IFunction): void {
    this.#target = target;
    for (const { name, table, pattern } of this.#changes) {
      const mapping = new EventSourceMapping(this, name, {
        target,
        eventSourceArn: streamArn(table),
        // A new mapping takes minutes to start, and must not skip changes written in the meantime.
        startingPosition: StartingPosition.TRIM_HORIZON,
        filters: [{ pattern: JSON.stringify(pattern) }],
        batchSize: BATCH_SIZE,
        bisectBatchOnError: true,
        reportBatchItemFailures: true,
        maxRecordAge: LONGEST_TRY,
        onFailure: new SqsDlq(this.failures),
      });
      setLogicalId(mapping, name);
    }
  }
}
