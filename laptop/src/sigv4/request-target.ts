/** The path and the query of a request target. */
export interface RequestTarget {
  /** Not decoded. Starts with a slash. */
  readonly path: string;
  /** Decoded names and values, in the order of arrival. A name without `=` has the empty value. */
  readonly query: ReadonlyMap<string, readonly string[]>;
}

const PRINTABLE_ASCII = /^\/[\x21-\x7e]*$/;
/** Refuses lowercase hex, so that no octet has two spellings under one signature. */
const UNCANONICAL_OCTET = /%(?![0-9A-F]{2})/;

/**
 * Splits and decodes a request target.
 *
 * @returns undefined for a target that is not origin-form (RFC 9112 section 3.2.1), holds a malformed or
 * lowercase percent-encoding, is not UTF-8, or names a parameter that no signature can cover
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
    // `__proto__` vanishes from the plain objects in which the signer collects parameters.
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

/** In a query, `+` is a space, as AWS reads it. */
const decodeForm = (text: string): string | undefined => decodeOctets(text.replaceAll('+', '%20'));

/** Encodes everything but the unreserved characters of RFC 3986 section 2.3, as SigV4 does. */
export const encodeOctets = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
