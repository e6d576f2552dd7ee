import { type AssetName, parseAssetName } from '../../lambda/domain/asset-name.ts';
import {
  type EmailAddress,
  type EpochSeconds,
  epochSeconds,
  type KeyEpoch,
  parseTokenId,
  type TokenId,
} from '../../lambda/domain/ids.ts';

/* Converts literals to the types of the domain. Only file names and token IDs are validated. */

/** Returns a file name. @throws Error if it is invalid */
export function assetName(text: string): AssetName {
  const name = parseAssetName(text);
  if (name === undefined) throw new Error(`Invalid file name: ${text}`);
  return name;
}

/** Returns a token ID. @throws Error if it is invalid */
export function tokenId(text: string): TokenId {
  const id = parseTokenId(text);
  if (id === undefined) throw new Error(`Invalid token ID: ${text}`);
  return id;
}

/** Returns an e-mail address without parsing it. */
export function email(text: string): EmailAddress {
  return text as EmailAddress;
}

/** Returns the epoch second of an ISO 8601 time. */
export function secondsAt(moment: string): EpochSeconds {
  return epochSeconds(new Date(moment));
}

/** Returns a key epoch, given in months since January 2000. */
export function keyEpoch(months: number): KeyEpoch {
  return months as KeyEpoch;
}
