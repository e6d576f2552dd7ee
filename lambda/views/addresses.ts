import type { AssetName } from '../domain/asset-name.ts';

/** Holds the base URL of the API, with the stage path and without a trailing slash. */
export type PublicOrigin = string;

/** Returns the address of the request form, for one file if it is known which. */
export function requestFormAddress(origin: PublicOrigin, asset?: AssetName): string {
  return asset === undefined ? `${origin}/` : `${origin}/?${new URLSearchParams({ asset })}`;
}
