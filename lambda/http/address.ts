import { domainToASCII } from 'node:url';
import { isEmailValid } from '@hapi/address';
import type { EmailAddress } from '../domain/ids.ts';
import { VISIBLE_ASCII } from './visible-ascii.ts';

/**
 * Longest address, in octets. A path in SMTP has at most 256 octets, including its angle brackets (RFC 5321, section
 * 4.5.3.1.3).
 */
const MAX_OCTETS = 254;

/** Start of an encoded word (RFC 2047), which mail software would decode into something else. */
const ENCODED_WORD = '=?';

/** Matches letters, marks, digits, dots, and hyphens. `domainToASCII` would cut off or decode anything else. */
const DOMAIN = /^[\p{L}\p{M}\p{N}.-]+$/u;

/**
 * Parses a single address. The domain is converted to lower case and punycode (RFC 5891). The local part stays as it
 * is, because it may be case-sensitive. Quoted local parts, comments, groups, address literals, and lists are refused,
 * and so are non-ASCII local parts, which SES does not support.
 */
export function parseEmailAddress(text: string): EmailAddress | undefined {
  const at = text.lastIndexOf('@');
  if (at === -1) return undefined;
  const local = text.slice(0, at);
  const given = text.slice(at + 1);
  if (!VISIBLE_ASCII.test(local) || local.includes(ENCODED_WORD) || !DOMAIN.test(given)) return undefined;
  const address = `${local}@${domainToASCII(given)}`;
  if (Buffer.byteLength(address) > MAX_OCTETS) return undefined;
  return isEmailValid(address, { allowUnicode: false }) ? (address as EmailAddress) : undefined;
}
