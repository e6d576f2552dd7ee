import type { EmailAddress } from './ids.ts';
import type { IssuedEntry, TokenRecord } from './records.ts';

/** What the issuer says of a link besides what its record needs. */
export interface IssuerRemarks {
  /** The issuer's own words. */
  readonly note?: string;
  readonly notify?: EmailAddress;
}

/**
 * The line of history that a link begins with.
 *
 * @param at the moment in which the record's `issuedAt` lies
 */
export function issuedEntry(
  record: TokenRecord,
  at: Date,
  { note, notify }: IssuerRemarks = {},
): IssuedEntry {
  const { tokenId, asset, issuedBy, expiresAt, open, delivery, allowedCidrs, recipient } = record;
  return {
    event: 'issued',
    tokenId,
    at,
    asset: asset.name,
    fileName: asset.fileName,
    size: asset.size,
    issuedBy,
    expiresAt,
    open,
    delivery,
    ...(allowedCidrs && { allowedCidrs }),
    ...(recipient && { address: recipient.address, pseudonym: recipient.pseudonym }),
    ...(note !== undefined && { note }),
    ...(notify !== undefined && { notify }),
  };
}
