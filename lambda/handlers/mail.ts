import middy from '@middy/core';
import type { SQSBatchResponse } from 'aws-lambda';
import * as z from 'zod/mini';
import { type DeliverMailDependencies, deliverMail } from '../domain/deliver-mail.ts';
import { type DeliverNoticeDependencies, deliverNotice } from '../domain/deliver-notice.ts';
import { parseTokenId } from '../domain/ids.ts';
import type { Milestone, Telemetry } from '../domain/ports.ts';

const queueEvent = z.object({ Records: z.array(z.object({ messageId: z.string(), body: z.string() })) });
const message = z.strictObject({ tokenId: z.string(), kind: z._default(z.enum(['link', 'notice']), 'link') });

const ROUTE = 'mail queue';
/** Maps each kind of message to the function that sends it. */
const DELIVER = { link: deliverMail, notice: deliverNotice } as const;

type Outcome = Awaited<ReturnType<(typeof DELIVER)[keyof typeof DELIVER]>>;

const MILESTONES: Partial<Record<Outcome, Milestone>> = {
  mailed: 'MailSent',
  refused: 'MailRefused',
  notified: 'MailSent',
  'notice-refused': 'MailRefused',
};

export interface MailHandlerDependencies
  extends Omit<DeliverMailDependencies & DeliverNoticeDependencies, 'report'> {
  readonly telemetry: Telemetry;
}

/**
 * Creates the consumer of the mail queue. A message that fails goes back to the queue alone (Lambda Developer Guide,
 * "Reporting batch item failures"), and after its last attempt to the dead-letter queue; the rest of its batch is done.
 */
export function createMailHandler(deps: MailHandlerDependencies) {
  const { telemetry } = deps;
  const domain = { ...deps, report: telemetry.report };

  async function deliver(messageId: string, body: string): Promise<void> {
    const { tokenId: text, kind } = message.parse(JSON.parse(body));
    const tokenId = parseTokenId(text);
    if (tokenId === undefined) throw new Error('A message names no token');
    const outcome: Outcome = await DELIVER[kind](domain, tokenId);
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
