import { callApiOrFail } from '../tvm/api.ts';
import type { Connection } from '../tvm/connection.ts';
import { understood } from '../tvm/understood.ts';
import { type Link, LinkPage } from './link.ts';

/** Which links. */
export interface LinkFilter {
  readonly asset?: string | undefined;
  readonly recipient?: string | undefined;
}

/** The most links that one answer holds. */
const LARGEST_PAGE = 100;

/**
 * Everybody's links, newest first, a page at a time.
 *
 * @param limit how many at most
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
