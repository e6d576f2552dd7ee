import { randomUUID } from 'node:crypto';
import type { Authorize } from '../access.ts';
import { SHARD_ID } from '../dynamodb/streams-api.ts';
import type { Outcome } from '../functions/instance.ts';
import type { Poller } from '../functions/poller.ts';
import type { RunningDynamoDb } from '../services/dynamodb.ts';
import type { StreamMapping } from './stream-mapping.ts';
import { type Discarded, pollStream } from './stream-poller.ts';

export interface StreamPollersOptions {
  readonly streams: RunningDynamoDb['streams'];
  readonly authorize: Authorize;
  readonly clock: () => Date;
  /** Returns the access key ID of a function's role. */
  accessKeyIdOf(functionArn: string): string;
  invoke(functionArn: string, event: unknown): Promise<Outcome>;
  sendMessage(queueUrl: string, body: string): Promise<unknown>;
}

/**
 * The permissions that the function's role needs to read the stream. Lambda calls ListStreams for all streams in the
 * account.
 */
const READING = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'] as const;

/**
 * Starts a poller for each mapping. It reads the stream and reports failures with the function role's permissions. If
 * the role is not allowed to read the stream, the poller does nothing. On AWS, the deployment would fail.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
 */
export const startStreamPollers = (
  mappings: readonly StreamMapping[],
  { streams, authorize, clock, accessKeyIdOf, invoke, sendMessage }: StreamPollersOptions,
): readonly Poller[] =>
  mappings.map((mapping) => {
    const { streamArn, functionArn, onFailure } = mapping;
    const stream = streams.withArn(streamArn);
    if (stream === undefined) throw new Error(`Stream not found: ${streamArn}`);
    const may = async (action: string, resource: string): Promise<boolean> => {
      const decision = await authorize({
        accessKeyId: accessKeyIdOf(functionArn),
        action,
        resource,
        signatureAgeMs: 0,
        conditions: { 'aws:SecureTransport': 'true' },
      });
      return decision.allowed;
    };
    return pollStream(mapping, {
      log: stream.log,
      clock,
      mayRead: async () => {
        // Check all permissions, so that all denials are reported together.
        const allowed = await Promise.all(
          READING.map((name) => may(`dynamodb:${name}`, name === 'ListStreams' ? '*' : streamArn)),
        );
        return allowed.every(Boolean);
      },
      invoke: (event) => invoke(functionArn, event),
      discard: async (discarded) => {
        if (onFailure !== undefined && (await may('sqs:SendMessage', onFailure.arn)))
          await sendMessage(onFailure.url, JSON.stringify(failureReport(mapping, discarded, clock())));
      },
    });
  });

/** @see https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html#services-dynamodb-destinations-sqs */
function failureReport(
  { streamArn, functionArn }: StreamMapping,
  { records, reason, invokeCount }: Discarded,
  now: Date,
): object {
  const [first, last] = [records[0]?.dynamodb, records.at(-1)?.dynamodb];
  const arrival = (seconds = 0): string => new Date(seconds * 1000).toISOString();
  return {
    requestContext: {
      requestId: randomUUID(),
      functionArn,
      condition: reason,
      approximateInvokeCount: invokeCount,
    },
    ...(invokeCount === 0
      ? {}
      : { responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' } }),
    version: '1.0',
    timestamp: now.toISOString(),
    DDBStreamBatchInfo: {
      shardId: SHARD_ID,
      startSequenceNumber: first?.SequenceNumber,
      endSequenceNumber: last?.SequenceNumber,
      approximateArrivalOfFirstRecord: arrival(first?.ApproximateCreationDateTime),
      approximateArrivalOfLastRecord: arrival(last?.ApproximateCreationDateTime),
      batchSize: records.length,
      streamArn,
    },
  };
}
