import type { SQSBatchResponse } from 'aws-lambda';
import * as z from 'zod/mini';
import type { Handled, Telemetry } from '../domain/ports.ts';

const queueEvent = z.object({ Records: z.array(z.object({ messageId: z.string(), body: z.string() })) });

/**
 * Creates the consumer of a queue. It handles one message after the other, because SES limits mails per second. A message
 * that fails goes back to the queue alone (Lambda Developer Guide, "Reporting batch item failures"), and after its last
 * attempt to the dead-letter queue.
 *
 * @param route how the log names the queue
 * @param handle handles a message's JSON, and says what the log tells of it
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
