import type { Refusal } from '../errors.ts';
import { epochSeconds, type LinkId } from '../ids.ts';
import { fail, ok, type Result } from '../result.ts';
import { advance } from '../uploads/advance.ts';
import { type AdvanceFileDependencies, withoutSlots } from './advance-file.ts';
import { isHalfSent } from './link-files.ts';
import { type RewriteDependencies, rewriteLink } from './rewrite-link.ts';

export interface RevokeLinkDependencies extends RewriteDependencies, AdvanceFileDependencies {}

/**
 * Revokes a link, and cancels its files that have not been finalized. The tenant keeps the finalized ones. Repeating
 * the call completes an interrupted revocation.
 *
 * @param by the caller, or `hard-bounce`, for the history
 */
export async function revokeLink(
  deps: RevokeLinkDependencies,
  linkId: LinkId,
  by: string,
): Promise<Result<void, Refusal>> {
  const revoked = await rewriteLink(deps, linkId, ({ state, endedAt }) => {
    const at = epochSeconds(deps.clock());
    if (state === 'finished') {
      return fail({ code: 'token_redeemed', at: endedAt ?? at, renewal: 'none' });
    }
    return ok(
      state === 'revoked' ? undefined : { state: 'revoked', endedAt: at, step: { event: 'revoked', by } },
    );
  });
  if (!revoked.ok) return revoked;
  for (const { uploadId } of revoked.value.files) {
    const upload = await deps.uploads.find(uploadId);
    if (upload !== undefined && isHalfSent(upload)) {
      await advance(withoutSlots(deps), uploadId, { kind: 'cancelled' });
    }
  }
  return ok(undefined);
}
