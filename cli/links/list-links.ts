import type { Connection } from '../tvm/connection.ts';
import { type Listed, listPages } from '../tvm/list-pages.ts';
import { understood } from '../tvm/understood.ts';
import { type Link, LinkPage } from './link.ts';

export interface LinkFilter {
  readonly asset?: string | undefined;
  readonly recipient?: string | undefined;
}

/**
 * Lists the links of all issuers, newest first.
 *
 * @param limit the maximum number of links
 */
export function listLinks(
  connection: Connection,
  { asset, recipient }: LinkFilter,
  limit: number,
  signal: AbortSignal,
): Promise<Listed<Link>> {
  const query = { ...(asset !== undefined && { asset }), ...(recipient !== undefined && { recipient }) };
  const read = (response: unknown) => {
    const { links, cursor } = understood(LinkPage, response);
    return { items: links, cursor };
  };
  return listPages(connection, { path: '/operator/tokens', query }, read, limit, signal);
}
