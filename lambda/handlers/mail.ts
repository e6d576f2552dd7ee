import * as z from 'zod/mini';
import { type DeliverMailDependencies, deliverMail } from '../domain/deliver-mail.ts';
import { type DeliverNoticeDependencies, deliverNotice } from '../domain/deliver-notice.ts';
import { parseTokenId } from '../domain/ids.ts';
import type { Milestone, Telemetry } from '../domain/ports.ts';
import { createQueueHandler } from './queue-handler.ts';

const message = z.strictObject({ tokenId: z.string(), kind: z._default(z.enum(['link', 'notice']), 'link') });

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

/** Creates the consumer of the mail queue. */
export function createMailHandler(deps: MailHandlerDependencies) {
  const { telemetry } = deps;
  const domain = { ...deps, report: telemetry.report };

  return createQueueHandler(telemetry, 'mail queue', async (json) => {
    const { tokenId: text, kind } = message.parse(json);
    const tokenId = parseTokenId(text);
    if (tokenId === undefined) throw new Error('A message names no token');
    const outcome: Outcome = await DELIVER[kind](domain, tokenId);
    const milestone = MILESTONES[outcome];
    return { outcome, tokenId, ...(milestone && { milestone }) };
  });
}
