import type { AssetName } from '../domain/asset-name.ts';

/** Where the API answers, stage path included and without a slash at the end. */
export type PublicOrigin = string;

/** The request form, for one file if it is known which. */
export function requestFormAddress(origin: PublicOrigin, asset?: AssetName): string {
  return asset === undefined ? `${origin}/` : `${origin}/?${new URLSearchParams({ asset })}`;
}
