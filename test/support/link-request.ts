import type { Repetition } from '../../lambda/domain/idempotency.ts';
import { type IssuedLink, type IssueLinksDependencies, issueLinks } from '../../lambda/domain/issue-links.ts';
import type { IssueLinksRequest } from '../../lambda/domain/plan-links.ts';
import { CALLER } from './memory-world.ts';
import { assetName } from './values.ts';

/** Returns a request for one API link, with details that a test can replace. */
export function linkRequest(details: Partial<IssueLinksRequest> = {}): IssueLinksRequest {
  return {
    asset: assetName('report.pdf'),
    caller: CALLER,
    lifetimeSeconds: 3600,
    open: 'confirm',
    delivery: 'redirect',
    count: 1,
    language: 'en',
    ...details,
  };
}

/** Issues the only link of a request. @throws Error if the request is refused */
export async function issuedLink(
  deps: IssueLinksDependencies,
  details: Partial<IssueLinksRequest> = {},
  repetition?: Repetition,
): Promise<IssuedLink> {
  const links = await issueLinks(deps, linkRequest(details), repetition);
  if (!links.ok) throw new Error(`not issued: ${links.error.code}`);
  const [link, ...more] = links.value;
  if (link === undefined || more.length > 0) throw new Error('not one link');
  return link;
}
