import { countedForm, parseEmailAddress } from '../../lambda/operator.ts';
import type { Link } from '../links/link.ts';
import { listLinks } from '../links/list-links.ts';
import type { Connection } from '../tvm/connection.ts';

/** The name of a list. Its links are the links for `asset` with the note `noteOf(list)`. */
export interface ListName {
  readonly asset: string;
  readonly list: string;
}

/** Returns the note that marks a list's links in the ledger. Recipients never see it. */
export const noteOf = (list: string): string => `list: ${list}`;

/**
 * Finds the links of a list in the ledger, so a run stores nothing on this computer. If a mailbox has several links,
 * returns the newest.
 */
export async function linksOfList(
  connection: Connection,
  { asset, list }: ListName,
  signal: AbortSignal,
): Promise<{ readonly links: ReadonlyMap<string, Link>; readonly count: number }> {
  const { items } = await listLinks(connection, { asset }, Number.POSITIVE_INFINITY, signal);
  const own = items.filter(({ note }) => note === noteOf(list));
  // The links are listed newest first. After the reversal, newer links replace older ones in the map.
  const links = new Map(own.toReversed().map((link) => [mailboxOf(link), link]));
  return { links, count: own.length };
}

function mailboxOf({ recipient = '' }: Link): string {
  const address = parseEmailAddress(recipient);
  return address === undefined ? '' : countedForm(address);
}
