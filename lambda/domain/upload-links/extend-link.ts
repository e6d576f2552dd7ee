import type { Refusal } from '../errors.ts';
import { type EpochSeconds, epochSeconds, type LinkId, secondsAfter, type Tenant } from '../ids.ts';
import { fail, ok, type Result } from '../result.ts';
import { findOwnLink } from './own-links.ts';
import { whileOpen } from './present-link.ts';
import { type RewriteDependencies, rewriteLink } from './rewrite-link.ts';
import { lastMomentOf, type UploadLink } from './upload-link.ts';

/**
 * Extends an open or expired link, so that it works for `seconds` from now. A link that already works for longer does
 * not change, so repeating the call is harmless.
 */
export async function extendLink(
  deps: RewriteDependencies,
  { linkId, tenant, seconds }: { linkId: LinkId; tenant: Tenant; seconds: number },
): Promise<Result<UploadLink, Refusal>> {
  const own = await findOwnLink(deps, linkId, tenant);
  if (!own.ok) return own;
  return await rewriteLink(deps, linkId, (link) => {
    const now = epochSeconds(deps.clock());
    // Time 0 makes `whileOpen` ignore the expiry, because expired links can be extended.
    const standing = whileOpen(link, 0 as EpochSeconds);
    if (!standing.ok) return standing;
    const until = secondsAfter(now, seconds);
    if (until > lastMomentOf(link)) return fail({ code: 'invalid_request', field: 'expiresIn' });
    if (until <= link.expiresAt) return ok(undefined);
    return ok({ expiresAt: until, told: false, step: { event: 'extended', until } });
  });
}
