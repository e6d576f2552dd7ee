import type { EmailAddress } from '../domain/ids.ts';

/** The domain of an address, and every domain above it: `a.b.example` gives itself, `b.example`, `example`. */
export function domainsOf(address: EmailAddress): readonly string[] {
  const labels = address.slice(address.lastIndexOf('@') + 1).split('.');
  return labels.map((_, index) => labels.slice(index).join('.'));
}

/**
 * Whether the operator's list of recipients (addresses, or domains with all below them, in lower case) has this one;
 * an empty list has all.
 */
export function isAllowedRecipient(address: EmailAddress, allowed: readonly string[]): boolean {
  if (allowed.length === 0) return true;
  return (
    allowed.includes(address.toLowerCase()) || domainsOf(address).some((domain) => allowed.includes(domain))
  );
}
