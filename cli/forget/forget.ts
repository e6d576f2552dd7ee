import pMap from 'p-map';
import { TOKENS_AT_ONCE } from '../tables/tables.ts';
import type { Counts } from './counts.ts';
import type { Traces } from './find-traces.ts';
import { forgetCounters } from './forget-counters.ts';
import { type ForgetDependencies, forgetLink, forgetNotice } from './forget-link.ts';
import { forgetInvited, forgetNotified } from './forget-upload-links.ts';
import type { Person } from './person.ts';

/**
 * Erases a person from all rows that were found, and deletes the person's counters. Every step can be repeated.
 *
 * @param progress is called after each link
 */
export async function forget(
  deps: ForgetDependencies,
  person: Person,
  { received, watched, invited, notified }: Traces,
  progress: () => void,
): Promise<Counts> {
  const { counts, tables } = deps;
  const options = { concurrency: TOKENS_AT_ONCE, signal: tables.signal };
  await pMap(received, (tokenId) => forgetLink(deps, tokenId).then(progress), options);
  await pMap(watched, (tokenId) => forgetNotice(deps, tokenId).then(progress), options);
  await pMap(invited, (linkId) => forgetInvited(deps, linkId).then(progress), options);
  await pMap(notified, (linkId) => forgetNotified(deps, linkId).then(progress), options);
  counts.counters += await forgetCounters(tables, person);
  return counts;
}
