import type { AssetName } from '../domain/asset-name.ts';

/** Base URL of the API, with the stage path and without a trailing slash. */
export type PublicOrigin = string;

/** Returns the URL of the request form, with the file's name filled in if it is known. */
export function requestFormAddress(origin: PublicOrigin, asset?: AssetName): string {
  return asset === undefined ? `${origin}/` : `${origin}/?${new URLSearchParams({ asset })}`;
}
