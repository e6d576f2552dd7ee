import { appendOrReport } from './ending.ts';
import type { EmailAddress, EpochSeconds, TokenId } from './ids.ts';
import type { Language } from './language.ts';
import { countProgramMail, type ProgramMailDependencies, refundQuota } from './mail-quota.ts';
import type { Clock, Ledger, LinkHistory, Mail, Mailer, TokenStore } from './ports.ts';

/** Content of a notice. It says that a link was redeemed, but nothing about the person who redeemed it. */
export interface Notice {
  readonly tokenId: TokenId;
  readonly to: EmailAddress;
  /** File name that the recipient saw. */
  readonly fileName: string;
  readonly redeemedAt: EpochSeconds;
  readonly language?: Language;
}

export interface DeliverNoticeDependencies extends ProgramMailDependencies {
  readonly clock: Clock;
  readonly store: Pick<TokenStore, 'find'>;
  readonly history: Pick<LinkHistory, 'linesOf'>;
  readonly mailer: Mailer;
  readonly ledger: Ledger;
  readonly isAllowedRecipient: (address: EmailAddress) => boolean;
  /** Composes the notice. It contains no token. */
  readonly composeNotice: (notice: Notice) => Mail;
}

/**
 * Mails the issuer a notice that a link was redeemed. The receipt proves only the redemption and its time. The file
 * name and the address to notify come from the ledger, where they were recorded when the link was issued. If a message
 * is delivered twice, the issuer may get two notices, which reveals nothing new. A notice counts against the caller
 * when it is sent. Over the limit, the notice is recorded as failed and dropped.
 *
 * @throws Unavailable if a service is down; the message then goes back to the queue
 */
export async function deliverNotice(
  deps: DeliverNoticeDependencies,
  tokenId: TokenId,
): Promise<'notified' | 'notice-refused' | 'nothing-to-do'> {
  const { receipt } = await deps.store.find(tokenId);
  if (receipt?.kind !== 'redeemed') return 'nothing-to-do';
  const lines = await deps.history.linesOf(tokenId);
  const issued = lines.find((line) => line.event === 'issued');
  if (issued?.notify === undefined || issued.callerId === undefined) return 'nothing-to-do';
  if (lines.some(({ event }) => event === 'notified')) return 'nothing-to-do';

  const { notify: to, fileName, language, callerId } = issued;
  const refuse = async (reason: string) => {
    const entry = { tokenId, at: deps.clock(), asset: issued.asset };
    await appendOrReport(deps, { ...entry, event: 'notice-failed', reason });
    return 'notice-refused' as const;
  };
  if (!deps.isAllowedRecipient(to)) return await refuse('recipient-not-allowed');
  const counted = await countProgramMail(deps, callerId, tokenId);
  if (!counted.ok) return await refuse('mail-limit');

  const notice = { tokenId, to, fileName, redeemedAt: receipt.at, ...(language && { language }) };
  try {
    const sent = await deps.mailer.send(deps.composeNotice(notice), { kind: 'notice', tokenId });
    if (!sent.ok) {
      await refundQuota(deps, counted.value, tokenId);
      return await refuse(sent.error.reason);
    }
  } catch (cause) {
    await refundQuota(deps, counted.value, tokenId);
    throw cause;
  }
  await appendOrReport(deps, { tokenId, at: deps.clock(), asset: issued.asset, event: 'notified' });
  return 'notified';
}
