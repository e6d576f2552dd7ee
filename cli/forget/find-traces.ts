import type { EmailAddress, Pseudonym, TokenId } from '../../lambda/operator.ts';
import { scanned } from '../tables/rows.ts';
import type { Tables } from '../tables/tables.ts';
import { isOf, type Person } from './person.ts';

/** The tokens whose rows name a person. */
export interface Traces {
  /** Links to this person, and requests for them that were refused. */
  readonly received: ReadonlySet<TokenId>;
  /** Links to somebody else of whose redemption this person is told. */
  readonly watched: ReadonlySet<TokenId>;
}

/** What is read of a row: whoever it may name. */
interface Named {
  readonly tokenId: TokenId;
  readonly pseudonym?: Pseudonym;
  readonly address?: EmailAddress;
  readonly notify?: EmailAddress;
  readonly recipient?: { readonly pseudonym: Pseudonym };
}

/**
 * Looks through all tables for a person. Every row is read, and as it is now: nothing but the recipient is indexed, and
 * an index lags behind.
 */
export async function findTraces(tables: Omit<Tables, 'quotaTable'>, person: Person): Promise<Traces> {
  const { ledgerTable, tokenTable, receiptTable } = tables;
  const received = new Set<TokenId>();
  const watched = new Set<TokenId>();
  for (const TableName of [ledgerTable, tokenTable, receiptTable]) {
    for await (const row of scanned<Named>(tables, { ...NAMING, TableName })) {
      const { tokenId, recipient } = row;
      const known = [row.pseudonym, recipient?.pseudonym].includes(person.pseudonym);
      if (known || isOf(person, row.address)) received.add(tokenId);
      if (isOf(person, row.notify)) watched.add(tokenId);
    }
  }
  // What is done for a link of one's own includes what is done for a watched one.
  return { received, watched: new Set([...watched].filter((tokenId) => !received.has(tokenId))) };
}

/** Rows that name somebody, and of them who it is. */
const NAMING = {
  FilterExpression: ['pseudonym', 'address', 'notify', 'recipient']
    .map((attribute) => `attribute_exists(${attribute})`)
    .join(' OR '),
  ProjectionExpression: 'tokenId, pseudonym, address, notify, recipient.pseudonym',
};
