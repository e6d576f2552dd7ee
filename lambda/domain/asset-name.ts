import { parseObjectId } from './ids.ts';
import { UNSAFE_CHARACTERS } from './unsafe-characters.ts';

declare const brand: unique symbol;

/**
 * Names a file on offer, relative to its prefix, or an uploaded object by its ID (`assetOf`). The name is checked; whether
 * the file exists is not.
 */
export type AssetName = string & { readonly [brand]: 'AssetName' };

/** Marks names that only signed callers may use. The public form serves all others. */
const PRIVATE_PREFIX = 'private/';

/** Begins the keys of public files. A name that also began with it would be a second name for the same file. */
const PUBLIC_KEY_PREFIX = 'gated/';

/** Begins the keys of uploaded objects. */
export const UPLOAD_KEY_PREFIX = 'uploads/';

/**
 * S3 keys hold at most 1,024 bytes (Amazon S3 User Guide, "Naming Amazon S3 objects"), and the prefix needs some of
 * them.
 */
const MAX_BYTES = 1000;

/** Matches characters that are forbidden in names. A backslash separates folders on Windows. */
const FORBIDDEN = new RegExp(String.raw`[\\${UNSAFE_CHARACTERS}]`, 'u');

/** Matches what looks like an escape for another layer. No name needs one, and a gateway may decode it. */
const ESCAPED_TRAVERSAL = /%(?:2e|2f|5c|00)/i;

/**
 * Reads the name of a file on offer. Folders are allowed (`2026/report.pdf`), leaving the two prefixes is not. A name
 * that begins with `private/` is in that prefix; any other is under `gated/`, which the name leaves out. The ID of an object
 * is not a name that a caller may send: whose object it is has to be checked first.
 *
 * @returns `undefined` if the text is not a plain relative name
 */
export function parseAssetName(text: string): AssetName | undefined {
  if (text === '' || Buffer.byteLength(text, 'utf8') > MAX_BYTES) return undefined;
  if (text.startsWith(PUBLIC_KEY_PREFIX) || FORBIDDEN.test(text) || ESCAPED_TRAVERSAL.test(text))
    return undefined;
  if (isObject(text)) return undefined;
  const segments = text.split('/');
  if (segments.some((segment) => segment === '' || /^\s*\.{1,2}\s*$/.test(segment))) return undefined;
  return text as AssetName;
}

/** Tells whether only signed callers may hand out this file. */
export function isPrivate(asset: AssetName): boolean {
  return asset.startsWith(PRIVATE_PREFIX) || isObject(asset);
}

/** Tells whether the name is the ID of an uploaded object, which knows its own file name. */
export function isObject(name: string): boolean {
  return parseObjectId(name) !== undefined;
}

/** Returns the object's key in the bucket. */
export function keyOf(asset: AssetName): string {
  if (isObject(asset)) return `${UPLOAD_KEY_PREFIX}c${asset.slice(1)}`;
  return isPrivate(asset) ? asset : `${PUBLIC_KEY_PREFIX}${asset}`;
}

/**
 * Returns the last part of a name, which the recipient sees as the file's name. Double quotes are removed because old
 * clients misread them in a Content-Disposition even if they are escaped (RFC 6266, section 4.3).
 */
export function fileNameOf(asset: AssetName): string {
  return asset.slice(asset.lastIndexOf('/') + 1).replaceAll('"', '') || 'file';
}
