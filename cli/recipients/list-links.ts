import { countedForm, parseEmailAddress } from '../../lambda/operator.ts';
import type { Link } from '../links/link.ts';
import { listLinks } from '../links/list-links.ts';
import type { Connection } from '../tvm/connection.ts';

/** Names the links of one list: those for a file whose note is {@link noteOf} the list. */
export interface ListName {
  readonly asset: string;
  readonly list: string;
}

/** Returns the note in the ledger by which the links of a list are found again. The recipients never see it. */
export const noteOf = (list: string): string => `list: ${list}`;

/**
 * Finds the links of a list in the ledger, by mailbox. So nothing about a run has to be kept on this computer. If a mailbox has
 * several, the newest counts.
 */
export async function linksOfList(
  connection: Connection,
  { asset, list }: ListName,
  signal: AbortSignal,
): Promise<{ readonly links: ReadonlyMap<string, Link>; readonly count: number }> {
  const { items } = await listLinks(connection, { asset }, Number.POSITIVE_INFINITY, signal);
  const own = items.filter(({ note }) => note === noteOf(list));
  // Newest first: an older one must not replace a newer one.
  const links = new Map(own.toReversed().map((link) => [mailboxOf(link), link]));
  return { links, count: own.length };
}

function mailboxOf({ recipient = '' }: Link): string {
  const address = parseEmailAddress(recipient);
  return address === undefined ? '' : countedForm(address);
}
