import { Option } from '@commander-js/extra-typings';
import { callApiOrFail } from './api.ts';
import type { Connection } from './connection.ts';
import { wholeNumber } from './option-values.ts';
import type { Output } from './output.ts';
import type { ApiCall } from './sigv4-fetch.ts';
import type { Column } from './table.ts';

/** Returns the option for the maximum number of items. */
export const limitOption = () =>
  new Option('--limit <number>', 'list at most this many').argParser(wholeNumber(1, 100_000)).default(20);

/** Returns the option that turns the limit off. */
export const allOption = () => new Option('--all', 'list all of them').conflicts('limit');

/** The values of the two options above. */
export interface LimitOptions {
  readonly limit: number;
  readonly all?: true | undefined;
}

/** Returns the maximum number of items to list. */
export const limitOf = ({ limit, all }: LimitOptions): number =>
  all === true ? Number.POSITIVE_INFINITY : limit;

/** The items of a list, up to a limit. */
export interface Listed<Item> {
  readonly items: readonly Item[];
  /** `more` if the limit left out items. */
  readonly rest: 'none' | 'more';
}

/** Maximum number of items in one response. */
const LARGEST_PAGE = 100;

/**
 * Reads a list from the API, page by page.
 *
 * @param read parses a response
 * @param limit the maximum number of items
 */
export async function listPages<Item>(
  connection: Pick<Connection, 'deployment' | 'region' | 'credentials'>,
  { path, query }: Required<Pick<ApiCall, 'path' | 'query'>>,
  read: (response: unknown) => { readonly items: readonly Item[]; readonly cursor: string | undefined },
  limit: number,
  signal: AbortSignal,
): Promise<Listed<Item>> {
  const items: Item[] = [];
  let cursor: string | undefined;
  while (items.length < limit) {
    const page = {
      ...query,
      limit: String(Math.min(limit - items.length, LARGEST_PAGE)),
      ...(cursor !== undefined && { cursor }),
    };
    const response = read(await callApiOrFail(connection, { method: 'GET', path, query: page }, signal));
    items.push(...response.items);
    cursor = response.cursor;
    if (cursor === undefined) return { items, rest: 'none' };
  }
  return { items, rest: 'more' };
}

/** Prints the items of a list. On a terminal, also says if the list is empty, or if the limit cut it off. */
export function printListed<Item>(
  output: Output,
  columns: readonly Column<Item>[],
  { items, rest }: Listed<Item>,
  what: string,
): void {
  if (output.format === 'json') output.json(items);
  else output.table(columns, items);
  if (items.length === 0) output.aside(`No ${what} found.`);
  if (rest === 'more') output.aside('There are more. Use --limit or --all to see them.');
}
