import { callApiOrFail } from '../tvm/api.ts';
import type { Connection } from '../tvm/connection.ts';
import { understood } from '../tvm/understood.ts';
import { type Link, LinkPage } from './link.ts';

/** Selects links. */
export interface LinkFilter {
  readonly asset?: string | undefined;
  readonly recipient?: string | undefined;
}

/** The most links in one answer. */
const LARGEST_PAGE = 100;

/**
 * Lists everybody's links, newest first, page by page.
 *
 * @param limit the most links to return
 * @returns `more` if the limit left out links
 */
export async function* listLinks(
  connection: Connection,
  { asset, recipient }: LinkFilter,
  limit: number,
  signal: AbortSignal,
): AsyncGenerator<Link, 'all' | 'more'> {
  let cursor: string | undefined;
  for (let left = limit; left > 0; ) {
    const query = {
      ...(asset !== undefined && { asset }),
      ...(recipient !== undefined && { recipient }),
      limit: String(Math.min(left, LARGEST_PAGE)),
      ...(cursor !== undefined && { cursor }),
    };
    const answer = await callApiOrFail(
      connection,
      { method: 'GET', path: '/operator/tokens', query },
      signal,
    );
    const page = understood(LinkPage, answer);
    yield* page.links;
    left -= page.links.length;
    cursor = page.cursor;
    if (cursor === undefined) return 'all';
  }
  return 'more';
}
