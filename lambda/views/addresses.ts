import type { AssetName } from '../domain/asset-name.ts';

/** Base URL of the API, with the stage path and without a trailing slash. */
export type PublicOrigin = string;

/** Returns the URL of an upload link's page. It contains the token: never log it. */
export function uploadAddress(origin: PublicOrigin, token: string): string {
  return `${origin}/upload?${new URLSearchParams({ token })}`;
}

/** Returns the URL of the request form, with the file's name filled in if it is known. */
export function requestFormAddress(origin: PublicOrigin, asset?: AssetName): string {
  return asset === undefined ? `${origin}/` : `${origin}/?${new URLSearchParams({ asset })}`;
}
