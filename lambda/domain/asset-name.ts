import { parseObjectId } from './ids.ts';
import { UNSAFE_CHARACTERS } from './unsafe-characters.ts';

declare const brand: unique symbol;

/**
 * Name of an offered file (see {@link parseAssetName}), or the ID of an uploaded object. The name has been validated,
 * but the file might not exist.
 */
export type AssetName = string & { readonly [brand]: 'AssetName' };

/**
 * Prefix of private files. Only IAM callers can issue links for them; anyone can request the other offered files.
 */
const PRIVATE_PREFIX = 'private/';

/** Key prefix of public files. Names must not start with it, or a file would have two names. */
const PUBLIC_KEY_PREFIX = 'gated/';

/** Key prefix of uploaded objects. */
export const UPLOAD_KEY_PREFIX = 'uploads/';

/**
 * Longest file name, in bytes. S3 keys are limited to 1,024 bytes (Amazon S3 User Guide, "Naming Amazon S3 objects"),
 * and the prefix takes some of them.
 */
const MAX_BYTES = 1000;

/** Characters that names must not contain. Windows treats a backslash as a folder separator. */
const FORBIDDEN = new RegExp(String.raw`[\\${UNSAFE_CHARACTERS}]`, 'u');

/** Percent-encoded dots, slashes, backslashes, and NULs. No name needs them, and a gateway might decode them. */
const ESCAPED_TRAVERSAL = /%(?:2e|2f|5c|00)/i;

/**
 * Parses the name of an offered file. Folders are allowed (`2026/report.pdf`); `.` and `..` are not. A name that begins
 * with `private/` is also the object key. Any other name is relative to `gated/`. Object IDs are rejected, because an
 * object's ownership has to be checked first.
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

/** Returns whether only IAM callers can issue links for this file. */
export function isPrivate(asset: AssetName): boolean {
  return asset.startsWith(PRIVATE_PREFIX) || isObject(asset);
}

/** Returns whether the name is the ID of an uploaded object. The object's file name is stored with it. */
export function isObject(name: string): boolean {
  return parseObjectId(name) !== undefined;
}

/** Returns the key of an asset in the bucket. */
export function keyOf(asset: AssetName): string {
  if (isObject(asset)) return `${UPLOAD_KEY_PREFIX}c${asset.slice(1)}`;
  return isPrivate(asset) ? asset : `${PUBLIC_KEY_PREFIX}${asset}`;
}

/**
 * Returns the file name shown to the recipient: the last segment of a name, minus any double quotes, or `file` if
 * nothing is left. Old clients misread double quotes in a Content-Disposition header even if they are escaped
 * (RFC 6266, section 4.3).
 */
export function fileNameOf(asset: AssetName): string {
  return asset.slice(asset.lastIndexOf('/') + 1).replaceAll('"', '') || 'file';
}
