import type { EmailAddress, Pseudonym, TokenId } from '../../lambda/operator.ts';
import { scanned } from '../tables/rows.ts';
import type { Tables } from '../tables/tables.ts';
import { findUploadLinks, type UploadLinkTraces } from './forget-upload-links.ts';
import { isOf, type Person } from './person.ts';

/** The links whose rows name a person. */
export interface Traces extends UploadLinkTraces {
  /** Links that were issued to the person, and the person's refused requests. */
  readonly received: ReadonlySet<TokenId>;
  /** Links that were issued to others and notify the person. */
  readonly watched: ReadonlySet<TokenId>;
}

/** The attributes of a row that can name a person. */
interface Named {
  readonly tokenId: TokenId;
  readonly pseudonym?: Pseudonym;
  readonly address?: EmailAddress;
  readonly notify?: EmailAddress;
  readonly recipient?: { readonly pseudonym: Pseudonym };
}

/** Finds the links whose rows name a person. Reads tables in full: only recipients are indexed, and indexes lag. */
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
  // Erasing a person from their own link also removes the link's notice.
  return {
    received,
    watched: new Set([...watched].filter((tokenId) => !received.has(tokenId))),
    ...(await findUploadLinks(tables, person)),
  };
}

/** The parameters of a scan for rows that name anyone. */
const NAMING = {
  FilterExpression: ['pseudonym', 'address', 'notify', 'recipient']
    .map((attribute) => `attribute_exists(${attribute})`)
    .join(' OR '),
  ProjectionExpression: 'tokenId, pseudonym, address, notify, recipient.pseudonym',
};
