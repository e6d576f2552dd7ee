import type { MailOutcome } from '../handle-bounce.ts';
import type { UploadLinkHistory } from './ports.ts';
import { type RevokeLinkDependencies, revokeLink } from './revoke-link.ts';

export interface HandleLinkBounceDependencies extends RevokeLinkDependencies {
  readonly linkHistory: Pick<UploadLinkHistory, 'append'>;
}

/**
 * Records a bounce or complaint about an invitation. Revokes the link if the bounce is permanent: nobody has received
 * the link, and a later owner of the address must not get it. A repeated message changes nothing.
 *
 * @throws Unavailable if a service is down; the message then goes back to the queue
 */
export async function handleLinkBounce(
  deps: HandleLinkBounceDependencies,
  outcome: MailOutcome,
): Promise<'bounced' | 'complained' | 'unknown'> {
  const { tokenId: linkId, at, kind } = outcome;
  if ((await deps.links.find(linkId)) === undefined) return 'unknown';
  await deps.linkHistory.append({ linkId, at, event: kind });
  // A link that was finished in the meantime is not revoked.
  if (kind === 'bounced' && outcome.bounce === 'permanent') await revokeLink(deps, linkId, 'hard-bounce');
  return kind;
}
