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
  /** The address that the request comes from; absent if there is none. */
  readonly source?: string | undefined;
  /** The language of the new mail: that of the person who presses the button now. */
  readonly language?: Language;
}

/** The link needs no renewal: it still works. */
export interface StillLive {
  readonly code: 'still_live';
}

/**
 * Sends a new link to the recipient of an expired or redeemed one, on the strength of the old token alone. The address
 * comes from the ledger, is never shown, and is counted like any other request for it.
 *
 * @returns the old link's own refusal if there is nobody to send a new one to
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
  // A link that a signed caller had mailed may have other terms than the form's, so only that caller can renew it.
  if (recipient?.issuedBy !== 'public') return verdict;
  const { asset, address } = recipient;
  return await requestLink(deps, { asset, address, source, ...(language && { language }) });
}
