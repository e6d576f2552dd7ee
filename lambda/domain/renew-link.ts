import type { Refusal } from './errors.ts';
import { type InspectDependencies, judgeReading, readToken } from './inspect-token.ts';
import type { Language } from './language.ts';
import type { IssueHistory } from './ports.ts';
import { type Requested, type RequestLinkDependencies, requestLink } from './request-link.ts';
import { fail, type Result } from './result.ts';

export interface RenewLinkDependencies extends RequestLinkDependencies {
  readonly keys: InspectDependencies['keys'];
  readonly store: RequestLinkDependencies['store'] & InspectDependencies['store'];
  readonly history: IssueHistory;
}

interface Renewal {
  /** Source address of the request; absent if unknown. */
  readonly source?: string | undefined;
  /** Language of the new e-mail, which is the language of this request. */
  readonly language?: Language;
}

/** The link still works and needs no renewal. */
export interface StillLive {
  readonly code: 'still_live';
}

/**
 * Mails a new link to the recipient of an expired or redeemed link. The old token suffices as authorization, because
 * the address comes from the ledger and is never shown. The request is counted like any other for this address.
 *
 * @returns the refusal for the old link if it was revoked, is unknown, is not a form link, or no longer has a history
 */
export async function renewLink(
  deps: RenewLinkDependencies,
  token: string,
  { source, language }: Renewal = {},
): Promise<Result<Requested, Refusal | StillLive>> {
  const reading = await readToken(deps, token);
  if (!reading.ok) return reading;
  const verdict = judgeReading(reading.value);
  if (verdict.ok) return fail({ code: 'still_live' });
  if (verdict.error.code !== 'token_expired' && verdict.error.code !== 'token_redeemed') return verdict;

  const recipient = await deps.history.recipientOf(reading.value.claims.tokenId);
  // The terms of an API link may differ from those of form links, so only its caller can issue a new one.
  if (recipient?.issuedBy !== 'public') return verdict;
  const { asset, address } = recipient;
  return await requestLink(deps, { asset, address, source, ...(language && { language }) });
}
