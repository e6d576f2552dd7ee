import type { Message } from '@aws-sdk/client-sqs';
import { z } from 'zod';
import type { Outcome } from '../functions/instance.ts';
import type { QueueMapping } from './queue-mapping.ts';

/** @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting */
const BatchResponse = z.object({
  batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish(),
});

/** Returns the IDs of failed messages. If the function fails or its report is invalid, the whole batch has failed. */
export function failedMessages(
  outcome: Outcome,
  messages: readonly Message[],
  { partialBatches }: Pick<QueueMapping, 'partialBatches'>,
): ReadonlySet<string> {
  const all = new Set(messages.map(({ MessageId = '' }) => MessageId));
  if (outcome.kind !== 'answered') return all;
  if (!partialBatches) return new Set();
  const answer: unknown = JSON.parse(outcome.payload);
  if (answer === null || answer === '') return new Set();
  const report = BatchResponse.safeParse(answer);
  if (!report.success) return all;
  const reported = (report.data.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier);
  return reported.every((id) => all.has(id)) ? new Set(reported) : all;
}

/** Returns the event that Lambda creates from a batch of messages. */
export function sqsEvent(messages: readonly Message[], eventSourceARN: string, awsRegion: string) {
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
