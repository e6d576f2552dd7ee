import { keyEpochOf } from './key-epoch.ts';
import type { Asset, IssuedEntry, IssuedFile, TokenRecord } from './records.ts';

/** The fields of a record that the issuer determines; the rest are derived. */
export type MintRequest = Omit<TokenRecord, 'keyEpoch' | 'seal'>;

/**
 * Creates the record of a token. The record does not contain the token, which is computed from the record and the key
 * of its month.
 */
export function mintToken(request: MintRequest): TokenRecord {
  return { ...request, keyEpoch: keyEpochOf(request.issuedAt) };
}

/**
 * Returns the `issued` entry of a link.
 *
 * @param at exact time of issue; the record's `issuedAt` is the same time in whole seconds
 * @param remarks the issuer's note, and the address to notify of the redemption
 */
export function issuedEntry(
  record: TokenRecord,
  at: Date,
  { note, notify }: Pick<IssuedEntry, 'note' | 'notify'> = {},
): IssuedEntry {
  const { tokenId, asset, issuedBy, callerId, expiresAt, open, delivery } = record;
  const { allowedCidrs, recipient, language, watermarkName, secondChance } = record;
  const { files, contents, collection } = record;
  return {
    event: 'issued',
    tokenId,
    at,
    asset: asset.name,
    fileName: asset.fileName,
    size: asset.size,
    issuedBy,
    ...(callerId && { callerId }),
    expiresAt,
    open,
    delivery,
    ...(allowedCidrs && { allowedCidrs }),
    ...(recipient && { address: recipient.address, pseudonym: recipient.pseudonym }),
    ...(language && { language }),
    ...(note !== undefined && { note }),
    ...(notify !== undefined && { notify }),
    ...(watermarkName !== undefined && { watermarkName }),
    ...(secondChance !== undefined && { secondChance }),
    ...(files && { files: files.map(({ tokenId, asset }) => ({ tokenId, ...issuedFile(asset) })) }),
    ...(contents && { contents: contents.map(issuedFile) }),
    ...(collection !== undefined && { collection }),
  };
}

function issuedFile({ name, fileName, size }: Asset): Omit<IssuedFile, 'tokenId'> {
  return { asset: name, fileName, size };
}
