import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { failedItems } from '../functions/batch-report.ts';
import type { Outcome } from '../functions/instance.ts';
import { type Poller, pause } from '../functions/poller.ts';
import type { QueueMapping } from './queue-mapping.ts';

/** Seconds that a receive call waits for a message. */
const WAIT_SECONDS = 20;

/** Milliseconds to wait after a failed receive call. */
const PAUSE_MS = 500;

/**
 * Polls a queue and invokes its function, as a Lambda event source mapping does. Messages that the function has
 * processed are deleted. Failed messages become visible again after the queue's visibility timeout.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export function pollQueue(
  mapping: QueueMapping,
  {
    sqs,
    region,
    invoke,
  }: {
    readonly sqs: SQSClient;
    readonly region: string;
    invoke(event: unknown): Promise<Outcome>;
  },
): Poller {
  const stopping = new AbortController();
  const QueueUrl = mapping.queueUrl;
  const receive = async (): Promise<readonly Message[]> => {
    const command = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: mapping.batchSize,
      WaitTimeSeconds: WAIT_SECONDS,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    try {
      return (await sqs.send(command, { abortSignal: stopping.signal })).Messages ?? [];
    } catch {
      if (!stopping.signal.aborted) await pause(PAUSE_MS, stopping.signal);
      return [];
    }
  };
  const work = async (messages: readonly Message[]): Promise<void> => {
    const outcome = await invoke(sqsEvent(messages, mapping.queueArn, region));
    const ids = messages.map(({ MessageId = '' }) => MessageId);
    const failed = failedItems(outcome, ids, mapping);
    const Entries = messages
      .filter(({ MessageId = '' }) => !failed.has(MessageId))
      .map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle }));
    // A message that cannot be deleted is delivered again. SQS guarantees only at-least-once delivery.
    if (Entries.length > 0)
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries })).catch(() => undefined);
  };
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const messages = await receive();
      if (messages.length > 0) await work(messages);
    }
  };
  const loops = Array.from({ length: mapping.concurrency }, loop);
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

function sqsEvent(messages: readonly Message[], eventSourceARN: string, awsRegion: string) {
  return {
    Records: messages.map((message) => ({
      messageId: message.MessageId,
      receiptHandle: message.ReceiptHandle,
      body: message.Body,
      attributes: message.Attributes ?? {},
      messageAttributes: Object.fromEntries(
        Object.entries(message.MessageAttributes ?? {}).map(
          ([name, { StringValue, BinaryValue, DataType }]) => [
            name,
            { stringValue: StringValue, binaryValue: BinaryValue, dataType: DataType },
          ],
        ),
      ),
      md5OfBody: message.MD5OfBody,
      eventSource: 'aws:sqs',
      eventSourceARN,
      awsRegion,
    })),
  };
}
