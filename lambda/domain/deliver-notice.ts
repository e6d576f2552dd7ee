import { appendOrReport } from './append-or-report.ts';
import type { TokenId } from './ids.ts';
import type { Clock, Ledger, Mail, Mailer, Report, TokenStore } from './ports.ts';
import type { Receipt } from './records.ts';

/** The receipt of a redemption that somebody wants to be told of. */
export type NotableReceipt = Extract<Receipt, { readonly kind: 'redeemed' }> &
  Required<Pick<Extract<Receipt, { readonly kind: 'redeemed' }>, 'notify'>>;

export interface DeliverNoticeDependencies {
  readonly clock: Clock;
  readonly store: Pick<TokenStore, 'find'>;
  readonly mailer: Mailer;
  readonly ledger: Ledger;
  readonly report: Report;
  /** Writes the mail that tells of the redemption. It holds no token. */
  readonly composeNotice: (receipt: NotableReceipt) => Mail;
}

/**
 * Tells the issuer by mail that a link was redeemed. A queue that delivers twice may tell twice, which gives nothing
 * away. Does nothing when nobody is to be told, or nobody any more.
 *
 * @throws Unavailable when the mail may be tried again: the message goes back to the queue
 */
export async function deliverNotice(
  deps: DeliverNoticeDependencies,
  tokenId: TokenId,
): Promise<'notified' | 'notice-refused' | 'nothing-to-do'> {
  const { receipt } = await deps.store.find(tokenId);
  if (receipt === undefined || !isNotable(receipt)) return 'nothing-to-do';
  const sent = await deps.mailer.send(deps.composeNotice(receipt), { kind: 'notice', tokenId });
  const line = { tokenId, at: deps.clock(), asset: receipt.asset };
  if (!sent.ok) {
    await appendOrReport(deps, { ...line, event: 'notice-failed', reason: sent.error.reason });
    return 'notice-refused';
  }
  await appendOrReport(deps, { ...line, event: 'notified' });
  return 'notified';
}

function isNotable(receipt: Receipt): receipt is NotableReceipt {
  return receipt.kind === 'redeemed' && receipt.notify !== undefined;
}
