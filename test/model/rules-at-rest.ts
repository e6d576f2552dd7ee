import { epochSeconds } from '../../lambda/domain/ids.ts';
import type { Receipt, TokenRecord } from '../../lambda/domain/records.ts';
import { tokenState } from '../../lambda/domain/token-state.ts';
import { bookedState } from './books.ts';
import type { World } from './world.ts';

const OPENS_A_FILE = /tvm_|X-Amz-Signature/;

/** Every token is at every moment exactly what the books say, by the tables as they are. */
export function judgeBalance({ books, tables, time }: World): void {
  const now = epochSeconds(time.read());
  for (const entry of books.entries) {
    const { tokenId } = entry.record;
    const record = tables.rows('tokens').get(tokenId) as TokenRecord | undefined;
    const receipt = tables.rows('receipts').get(tokenId) as Receipt | undefined;
    const state = tokenState({ ...(record && { record }), ...(receipt && { receipt }) }, now);
    const booked = bookedState(entry, now);
    if (state !== booked)
      books.violate('the books balance', `${entry.name} is ${state} and booked as ${booked}`);
  }
  if (tables.rows('receipts').size > books.entries.length) {
    books.violate('the books balance', 'there are receipts of tokens that never were');
  }
}

/** The sums over all tokens ever minted add up, and the ledger tells of no other endings than the receipts. */
export function judgeSums({ books, ledger }: World): void {
  const ended = { redeemed: 0, revoked: 0 };
  for (const { receipt } of books.entries) if (receipt !== undefined) ended[receipt.kind] += 1;
  const winners = books.entries.filter(({ winner }) => winner !== undefined).length;
  const unheard = books.entries.filter(
    ({ receipt, winner, owner }) =>
      receipt?.kind === 'redeemed' &&
      winner === undefined &&
      (owner?.state === 'killed' || (owner?.faults ?? []).length > 1),
  ).length;
  if (ended.redeemed !== winners + unheard) {
    books.violate('the books balance', `${ended.redeemed} receipts, ${winners} winners, ${unheard} unheard`);
  }
  for (const event of ['redeemed', 'revoked'] as const) {
    const lines = ledger.entries.filter((line) => line.event === event);
    const told = new Set(lines.map(({ tokenId }) => tokenId));
    const true_ = lines.every(({ tokenId }) => books.find(tokenId)?.receipt?.kind === event);
    if (told.size !== lines.length || !true_) {
      books.violate('the books balance', `the ledger tells of ${lines.length} that were ${event}`);
    }
  }
}

/** Nothing that was ever written down holds a token or a signed URL; the inbox has to. */
export function judgeStorage({ books, tables, ledger, queue, backups }: World): void {
  const stored = JSON.stringify([
    [...tables.rows('tokens').values()],
    [...tables.rows('receipts').values()],
    backups.map(({ rows }) => [...rows.values()]),
    ledger.entries,
    queue.everSent,
  ]);
  const found = OPENS_A_FILE.exec(stored);
  if (found !== null) books.violate('nothing at rest opens a file', `${found[0]} is stored`);
}
