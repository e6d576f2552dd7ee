import type { Refusal } from './errors.ts';
import { type InspectDependencies, judgeReading, readToken } from './inspect-token.ts';
import type { Language } from './language.ts';
import type { IssueHistory } from './ports.ts';
import { type RequestLinkDependencies, requestLink } from './request-link.ts';
import { fail, ok, type Result } from './result.ts';

export interface RenewLinkDependencies extends RequestLinkDependencies {
  readonly keys: InspectDependencies['keys'];
  readonly store: RequestLinkDependencies['store'] & InspectDependencies['store'];
  readonly history: IssueHistory;
}

interface Renewal {
  /** Where the request comes from; left out where there is no address. */
  readonly source?: string | undefined;
  /** What the new mail is written in: the language of who presses the button now. */
  readonly language?: Language;
}

/** The link needs no renewal: it still works. */
export interface StillLive {
  readonly code: 'still_live';
}

/**
 * Sends a new link to whom an expired or redeemed one was mailed, on the word of the old token alone. The
 * address comes from the ledger, is never shown, and is counted like any other request for it.
 *
 * @returns the old link's own refusal when there is nobody to send a new one to
 */
export async function renewLink(
  deps: RenewLinkDependencies,
  token: string,
  { source, language }: Renewal = {},
): Promise<Result<void, Refusal | StillLive>> {
  const reading = await readToken(deps, token);
  if (!reading.ok) return reading;
  const verdict = judgeReading(reading.value);
  if (verdict.ok) return fail({ code: 'still_live' });
  if (verdict.error.code !== 'token_expired' && verdict.error.code !== 'token_redeemed') return verdict;

  const recipient = await deps.history.recipientOf(reading.value.claims.tokenId);
  // What a signed caller had mailed is that caller's to renew: under other terms than the form's, or not at all.
  if (recipient?.issuedBy !== 'public') return verdict;
  const { asset, address } = recipient;
  const requested = await requestLink(deps, { asset, address, source, ...(language && { language }) });
  return requested.ok ? ok(undefined) : requested;
}
