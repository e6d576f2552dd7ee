import type { SQSBatchResponse } from 'aws-lambda';
import * as z from 'zod/mini';
import type { Handled, Telemetry } from '../domain/ports.ts';

const queueEvent = z.object({ Records: z.array(z.object({ messageId: z.string(), body: z.string() })) });

/**
 * Creates the consumer of a queue. It handles messages one by one because SES limits the e-mails per second. Only
 * failed messages go back to the queue (Lambda Developer Guide, "Reporting batch item failures"), and they move to the
 * dead-letter queue after their last attempt.
 *
 * @param route name of the queue in the log
 * @param handle handles a message's JSON, and returns the fields of its log line
 */
export function createQueueHandler(
  telemetry: Telemetry,
  route: string,
  handle: (message: unknown) => Promise<Omit<Handled, 'route' | 'requestId'>>,
) {
  return async (event: unknown): Promise<SQSBatchResponse> => {
    const batchItemFailures: { itemIdentifier: string }[] = [];
    for (const { messageId, body } of queueEvent.parse(event).Records) {
      try {
        telemetry.handled({ route, requestId: messageId, ...(await handle(JSON.parse(body))) });
      } catch (cause) {
        telemetry.fault(route, messageId, cause);
        batchItemFailures.push({ itemIdentifier: messageId });
      }
    }
    return { batchItemFailures };
  };
}
