import { type AssetName, parseAssetName } from '../../lambda/domain/asset-name.ts';
import {
  type EmailAddress,
  type EpochSeconds,
  epochSeconds,
  type KeyEpoch,
  parseTokenId,
  type TokenId,
} from '../../lambda/domain/ids.ts';

/*
 * Checked values from literals, for tests only.
 */

/** The name of a file on offer. @throws Error when it is none */
export function assetName(text: string): AssetName {
  const name = parseAssetName(text);
  if (name === undefined) throw new Error(`no asset name: ${text}`);
  return name;
}

/** A token's handle. @throws Error when it is none */
export function tokenId(text: string): TokenId {
  const id = parseTokenId(text);
  if (id === undefined) throw new Error(`no token id: ${text}`);
  return id;
}

/** An address that a parser would have let through. */
export function email(text: string): EmailAddress {
  return text as EmailAddress;
}

/** The second of an ISO moment. */
export function secondsAt(moment: string): EpochSeconds {
  return epochSeconds(new Date(moment));
}

/** A key's month by its number. */
export function keyEpoch(months: number): KeyEpoch {
  return months as KeyEpoch;
}
