import * as z from 'zod/mini';
import { type DeliverMailDependencies, deliverMail } from '../domain/deliver-mail.ts';
import { type DeliverNoticeDependencies, deliverNotice } from '../domain/deliver-notice.ts';
import { Unavailable } from '../domain/errors.ts';
import { type LinkId, parseTokenId, type TokenId } from '../domain/ids.ts';
import type { Milestone, Telemetry } from '../domain/ports.ts';
import {
  type DeliverLinkMailDependencies,
  deliverLinkMail,
} from '../domain/upload-links/deliver-link-mail.ts';
import type { LinkMail } from '../domain/upload-links/upload-link.ts';
import { createQueueHandler } from './queue-handler.ts';

const message = z.strictObject({
  tokenId: z.string(),
  kind: z._default(
    z.enum(['link', 'reminder', 'notice', 'invite', 'received', 'arrived', 'outcome']),
    'link',
  ),
});

type Outcome = Awaited<ReturnType<typeof deliverMail | typeof deliverNotice | typeof deliverLinkMail>>;

const MILESTONES: Partial<Record<Outcome, Milestone>> = {
  mailed: 'MailSent',
  reminded: 'MailSent',
  refused: 'MailRefused',
  notified: 'MailSent',
  'notice-refused': 'MailRefused',
};

export interface MailHandlerDependencies
  extends Omit<DeliverMailDependencies & DeliverNoticeDependencies, 'report'> {
  readonly telemetry: Telemetry;
  /** Additional dependencies for e-mails about upload links; absent if uploads are turned off. */
  readonly uploadLinks?: LinkMailParts | undefined;
}

type LinkMailParts = Pick<DeliverLinkMailDependencies, 'links' | 'uploads' | 'linkHistory' | 'composeLetter'>;

/** Creates the consumer of the mail queue. */
export function createMailHandler(deps: MailHandlerDependencies) {
  const { telemetry } = deps;
  const domain = { ...deps, report: telemetry.report };

  function deliver(tokenId: TokenId, kind: z.output<typeof message>['kind']): Promise<Outcome> {
    if (kind === 'notice') return deliverNotice(domain, tokenId);
    if (kind === 'link' || kind === 'reminder') return deliverMail(domain, tokenId, kind);
    return deliverAboutLink(tokenId, kind);
  }

  /**
   * @throws Error if uploads were turned off after the e-mail was queued, so that it ends up in the dead-letter queue
   */
  async function deliverAboutLink(linkId: LinkId, mail: LinkMail): Promise<Outcome> {
    if (deps.uploadLinks === undefined)
      throw new Error('The e-mail is about an upload link, but uploads are turned off');
    return await deliverLinkMail({ ...domain, ...deps.uploadLinks }, linkId, mail);
  }

  return createQueueHandler(telemetry, 'mail queue', async (json) => {
    const { tokenId: text, kind } = message.parse(json);
    const tokenId = parseTokenId(text);
    if (tokenId === undefined) throw new Error('The message has no valid token ID');
    const outcome = await deliver(tokenId, kind);
    if (outcome === 'busy')
      throw new Unavailable('mail queue', 'another message about this link is being handled');
    const milestone = MILESTONES[outcome];
    return { outcome, tokenId, ...(milestone && { milestone }) };
  });
}
