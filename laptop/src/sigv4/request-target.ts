export interface RequestTarget {
  /** The path, not decoded. It starts with a slash. */
  readonly path: string;
  /** Decoded names and values in their original order. The value of a name without `=` is an empty string. */
  readonly query: ReadonlyMap<string, readonly string[]>;
}

const PRINTABLE_ASCII = /^\/[\x21-\x7e]*$/;
/** Malformed percent-encoding. Lowercase hex counts as malformed, so that each octet has only one encoding. */
const UNCANONICAL_OCTET = /%(?![0-9A-F]{2})/;

/**
 * Splits and decodes a request target.
 *
 * @returns undefined for a target that is not in origin-form (RFC 9112 section 3.2.1), contains malformed or lowercase
 *   percent-encoding, is not UTF-8, or has a parameter that no signature can cover
 */
export function parseRequestTarget(target: string): RequestTarget | undefined {
  if (!PRINTABLE_ASCII.test(target)) return undefined;
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  if (decodeOctets(path) === undefined) return undefined;

  const query = new Map<string, string[]>();
  for (const pair of mark === -1 ? [] : target.slice(mark + 1).split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decodeForm(equals === -1 ? pair : pair.slice(0, equals));
    const value = equals === -1 ? '' : decodeForm(pair.slice(equals + 1));
    // The signer collects parameters in plain objects, which lose `__proto__`.
    if (name === undefined || value === undefined || name === '__proto__') return undefined;
    query.set(name, [...(query.get(name) ?? []), value]);
  }
  return { path, query };
}

/** Decodes percent-encoding. Returns undefined if it is malformed, lowercase, or not UTF-8. */
export function decodeOctets(text: string): string | undefined {
  if (UNCANONICAL_OCTET.test(text)) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Decodes a name or value in a query. AWS decodes `+` as a space. */
const decodeForm = (text: string): string | undefined => decodeOctets(text.replaceAll('+', '%20'));

/** Encodes all characters except the unreserved ones of RFC 3986 section 2.3, as SigV4 requires. */
export const encodeOctets = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
