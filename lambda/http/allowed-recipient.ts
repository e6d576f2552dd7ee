import type { EmailAddress } from '../domain/ids.ts';

/**
 * Returns the domain of an address and all its parent domains. For an address at `a.b.example`, these are
 * `a.b.example`, `b.example`, and `example`.
 */
export function domainsOf(address: EmailAddress): readonly string[] {
  const labels = address.slice(address.lastIndexOf('@') + 1).split('.');
  return labels.map((_, index) => labels.slice(index).join('.'));
}

/**
 * Returns whether the operator's allowlist contains this address. The list consists of addresses and domains, all in
 * lower case. A domain includes its subdomains. An empty list allows everyone.
 */
export function isAllowedRecipient(address: EmailAddress, allowed: readonly string[]): boolean {
  if (allowed.length === 0) return true;
  return (
    allowed.includes(address.toLowerCase()) || domainsOf(address).some((domain) => allowed.includes(domain))
  );
}
