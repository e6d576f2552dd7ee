import type { Message } from '@aws-sdk/client-sqs';

/** Creates Lambda's event for a batch of messages. */
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
