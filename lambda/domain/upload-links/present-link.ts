import type { Refusal, RefusalOf } from '../errors.ts';
import { type EpochSeconds, epochSeconds } from '../ids.ts';
import type { Clock, SigningKeys } from '../ports.ts';
import { fail, ok, type Result } from '../result.ts';
import { authenticateToken, UPLOAD_TOKEN } from '../token.ts';
import type { UploadLinks } from './ports.ts';
import { linkStateOf, type UploadLink } from './upload-link.ts';

export interface PresentDependencies {
  readonly clock: Clock;
  readonly keys: SigningKeys;
  readonly links: Pick<UploadLinks, 'find'>;
}

/** Returns a token's link, whatever state the link is in. No table is read if the token's signature is invalid. */
export async function presentLink(
  deps: PresentDependencies,
  text: string,
): Promise<Result<UploadLink, RefusalOf<'invalid_token'>>> {
  const authentic = await authenticateToken(deps, text, UPLOAD_TOKEN);
  if (!authentic.ok) return authentic;
  const link = await deps.links.find(authentic.value.claims.tokenId);
  return link === undefined ? fail({ code: 'invalid_token' }) : ok(link);
}

/** Returns the link of a token if it is open. */
export async function presentOpenLink(
  deps: PresentDependencies,
  text: string,
): Promise<Result<UploadLink, Refusal>> {
  const presented = await presentLink(deps, text);
  return presented.ok ? whileOpen(presented.value, epochSeconds(deps.clock())) : presented;
}

/** Returns the link if it is open, or else the refusal that says how it ended. */
export function whileOpen(link: UploadLink, now: EpochSeconds): Result<UploadLink, Refusal> {
  const { endedAt: at = now, expiresAt } = link;
  switch (linkStateOf(link, now)) {
    case 'open':
      return ok(link);
    case 'finished':
      return fail({ code: 'token_redeemed', at, renewal: 'none' });
    case 'revoked':
      return fail({ code: 'token_revoked', at });
    case 'expired':
      return fail({ code: 'token_expired', at: expiresAt, renewal: 'none' });
  }
}
