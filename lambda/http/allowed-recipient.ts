import type { EmailAddress } from '../domain/ids.ts';

/** Returns the domain of an address and all domains above it: `a.b.example` gives itself, `b.example`, `example`. */
export function domainsOf(address: EmailAddress): readonly string[] {
  const labels = address.slice(address.lastIndexOf('@') + 1).split('.');
  return labels.map((_, index) => labels.slice(index).join('.'));
}

/**
 * Tells whether the operator's list of recipients contains this address. The list holds addresses, or domains including
 * all below them, in lower case; an empty list allows everyone.
 */
export function isAllowedRecipient(address: EmailAddress, allowed: readonly string[]): boolean {
  if (allowed.length === 0) return true;
  return (
    allowed.includes(address.toLowerCase()) || domainsOf(address).some((domain) => allowed.includes(domain))
  );
}
