import middy from '@middy/core';
import type { SQSBatchResponse } from 'aws-lambda';
import * as z from 'zod/mini';
import { type DeliverMailDependencies, deliverMail } from '../domain/deliver-mail.ts';
import { parseTokenId } from '../domain/ids.ts';
import type { Milestone, Telemetry } from '../domain/ports.ts';

const queueEvent = z.object({ Records: z.array(z.object({ messageId: z.string(), body: z.string() })) });
const message = z.strictObject({ tokenId: z.string() });

const ROUTE = 'mail queue';
const MILESTONES: Partial<Record<Awaited<ReturnType<typeof deliverMail>>, Milestone>> = {
  mailed: 'MailSent',
  refused: 'MailRefused',
};

export interface MailHandlerDependencies extends Omit<DeliverMailDependencies, 'report'> {
  readonly telemetry: Telemetry;
}

/**
 * The mail queue's consumer. A message that fails goes back to the queue alone (Lambda Developer Guide, "Reporting
 * batch item failures"), and after its last try to the dead-letter queue; the others of its batch are done.
 */
export function createMailHandler(deps: MailHandlerDependencies) {
  const { telemetry } = deps;
  const domain = { ...deps, report: telemetry.report };

  async function deliver(messageId: string, body: string): Promise<void> {
    const tokenId = parseTokenId(message.parse(JSON.parse(body)).tokenId);
    if (tokenId === undefined) throw new Error('A message names no token');
    const outcome = await deliverMail(domain, tokenId);
    const milestone = MILESTONES[outcome];
    telemetry.handled({
      route: ROUTE,
      requestId: messageId,
      outcome,
      tokenId,
      ...(milestone && { milestone }),
    });
  }

  return middy<unknown, SQSBatchResponse>().handler(async (event) => {
    const batchItemFailures: { itemIdentifier: string }[] = [];
    // One after the other: SES counts mails a second, and a new account may send one.
    for (const { messageId, body } of queueEvent.parse(event).Records) {
      try {
        await deliver(messageId, body);
      } catch (cause) {
        telemetry.fault(ROUTE, messageId, cause);
        batchItemFailures.push({ itemIdentifier: messageId });
      }
    }
    return { batchItemFailures };
  });
}
