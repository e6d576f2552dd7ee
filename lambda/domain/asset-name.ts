declare const brand: unique symbol;

/** The name of a file on offer, relative to its prefix: checked, but not known to exist. */
export type AssetName = string & { readonly [brand]: 'AssetName' };

/** Names that begin like this are for signed callers alone; the public form serves every other one. */
const PRIVATE_PREFIX = 'private/';

/** What the keys of public files begin with: a name that did as well would be a second name for the same file. */
const PUBLIC_KEY_PREFIX = 'gated/';

/** S3 keys end at 1,024 bytes (Amazon S3 User Guide, "Naming Amazon S3 objects"); the prefix needs some of them. */
const MAX_BYTES = 1000;

/**
 * Forbidden anywhere: control characters, backslash, bidirectional controls, zero-width and line separators,
 * unpaired surrogates, and the characters that make two names look like one (U+FEFF, U+FFFD, U+FFFE, U+FFFF).
 */
const FORBIDDEN =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\\\u061c\u200b\u200e\u200f\u2060-\u206f\u202a-\u202e\ufeff\ufffd-\uffff\u{e0000}-\u{e007f}]/u;

/** What an escape for another layer would look like; no name on offer needs one, and a gateway may decode it. */
const ESCAPED_TRAVERSAL = /%(?:2e|2f|5c|00)/i;

/**
 * Reads the name of a file on offer. Folders are allowed (`2026/report.pdf`); leaving the two prefixes is not. A name
 * that begins with `private/` lies there, and any other under `gated/`, which is left out.
 *
 * @returns `undefined` for anything that is no plain relative name
 */
export function parseAssetName(text: string): AssetName | undefined {
  if (text === '' || Buffer.byteLength(text, 'utf8') > MAX_BYTES) return undefined;
  if (text.startsWith(PUBLIC_KEY_PREFIX) || FORBIDDEN.test(text) || ESCAPED_TRAVERSAL.test(text))
    return undefined;
  const segments = text.split('/');
  if (segments.some((segment) => segment === '' || /^\s*\.{1,2}\s*$/.test(segment))) return undefined;
  return text as AssetName;
}

/** Whether only signed callers may hand this file out. */
export function isPrivate(asset: AssetName): boolean {
  return asset.startsWith(PRIVATE_PREFIX);
}

/** The object's key in the bucket. */
export function keyOf(asset: AssetName): string {
  return isPrivate(asset) ? asset : `${PUBLIC_KEY_PREFIX}${asset}`;
}

/**
 * The last part of a name, which the recipient sees as the file's name. Double quotes go, since old clients
 * misread them in a Content-Disposition even when they are escaped (RFC 6266, section 4.3).
 */
export function fileNameOf(asset: AssetName): string {
  return asset.slice(asset.lastIndexOf('/') + 1).replaceAll('"', '') || 'file';
}
