import { type EmailAddress, type EpochSeconds, epochSeconds, type LinkId, type Token } from '../ids.ts';
import { countProgramMail, type ProgramMailDependencies, refundQuota } from '../mail-quota.ts';
import type { Clock, Mail, Mailer, SigningKeys } from '../ports.ts';
import { mailingCounter } from '../quota-rules.ts';
import { ok } from '../result.ts';
import type { Uploads } from '../uploads/ports.ts';
import type { Upload } from '../uploads/upload.ts';
import { mailerOf, uploadTokenOf } from './invite.ts';
import { withFiles } from './own-links.ts';
import type { UploadLinkHistory, UploadLinks } from './ports.ts';
import { type LinkLine, type LinkMail, linkStateOf, type UploadLink } from './upload-link.ts';

/** Content of an e-mail about an upload link. Only the invitation contains the token. */
export interface LinkLetter {
  readonly to: EmailAddress;
  readonly link: UploadLink;
  readonly content:
    | { readonly mail: 'invite'; readonly token: Token }
    | { readonly mail: Exclude<LinkMail, 'invite'>; readonly files: readonly Upload[] };
}

export interface DeliverLinkMailDependencies extends ProgramMailDependencies {
  readonly clock: Clock;
  readonly keys: SigningKeys;
  readonly links: Pick<UploadLinks, 'find'>;
  readonly uploads: Pick<Uploads, 'find'>;
  readonly linkHistory: UploadLinkHistory;
  readonly mailer: Mailer;
  readonly isAllowedRecipient: (address: EmailAddress) => boolean;
  readonly composeLetter: (letter: LinkLetter) => Mail;
}

/**
 * Sends an e-mail about an upload link, unless the e-mail no longer fits the link's state, or the history says that it
 * was already sent: the queue may deliver a message twice. The invitation was counted when the link was issued. Other
 * e-mails count against the inviter when they are sent. Over the limit, they are recorded as failed and dropped.
 *
 * @returns `busy` if another invocation is sending the e-mail; the message must then be delivered again later
 * @throws Unavailable if a service is down; the message then goes back to the queue
 */
export async function deliverLinkMail(
  deps: DeliverLinkMailDependencies,
  linkId: LinkId,
  mail: LinkMail,
): Promise<'mailed' | 'refused' | 'nothing-to-do' | 'busy'> {
  const link = await deps.links.find(linkId);
  if (link === undefined || !isDue(link, mail, epochSeconds(deps.clock()))) return 'nothing-to-do';
  const to = mail === 'invite' || mail === 'received' ? link.to : link.notify;
  if (to === undefined) return 'nothing-to-do';
  const lines = await deps.linkHistory.linesOf(linkId);
  if (wasSent(mail, lines)) return 'nothing-to-do';

  const refuse = async (reason: string) => {
    await deps.linkHistory.append({ linkId, at: deps.clock(), event: 'mail-failed', mail, reason });
    return 'refused' as const;
  };
  if (!deps.isAllowedRecipient(to)) return await refuse('recipient-not-allowed');
  const sender = mailerOf(link.tenant);
  const turn = mailingCounter(sender, `${linkId}/${mail}`);
  if (!(await deps.quota.take(turn)).taken) return 'busy';
  const counted = mail === 'invite' ? ok([]) : await countProgramMail(deps, sender, linkId);
  if (!counted.ok) return await refuse('mail-limit');
  try {
    const content =
      mail === 'invite'
        ? { mail, token: await uploadTokenOf(deps, link) }
        : { mail, files: (await withFiles(deps, link)).files };
    const letter = deps.composeLetter({ to, link, content });
    // A bounced invitation revokes the link; bounces of other e-mails do not. So only the invitation is sent with the
    // kind `link`.
    const kind = mail === 'invite' ? 'link' : 'notice';
    const sent = await deps.mailer.send(letter, { kind, tokenId: linkId });
    if (!sent.ok) {
      await refundQuota(deps, counted.value, linkId);
      return await refuse(sent.error.reason);
    }
  } catch (cause) {
    await refundQuota(deps, [turn, ...counted.value], linkId);
    throw cause;
  }
  await deps.linkHistory.append({ linkId, at: deps.clock(), event: 'mailed', mail });
  return 'mailed';
}

/** Returns whether the e-mail still fits the state of the link. */
function isDue(link: UploadLink, mail: LinkMail, now: EpochSeconds): boolean {
  const state = linkStateOf(link, now);
  if (mail === 'invite') return state === 'open';
  return state === 'finished' || (mail === 'outcome' && state === 'expired');
}

/** Returns whether the e-mail was sent. After an extension, the outcome is due again, because more files may arrive. */
function wasSent(mail: LinkMail, lines: readonly LinkLine[]): boolean {
  const extended = mail === 'outcome' ? lines.findLastIndex(({ event }) => event === 'extended') : -1;
  return lines.slice(extended + 1).some((line) => line.event === 'mailed' && line.mail === mail);
}
