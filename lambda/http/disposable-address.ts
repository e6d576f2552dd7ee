import { disposableEmailBlocklistSet } from 'disposable-email-domains-js';
import type { EmailAddress } from '../domain/ids.ts';
import { domainsOf } from './allowed-recipient.ts';

/**
 * Returns whether the address belongs to a known disposable-address provider, or to a subdomain of one. Allowed domains
 * take precedence.
 */
export function isDisposable(address: EmailAddress, allowedDomains: readonly string[]): boolean {
  const domains = domainsOf(address);
  if (domains.some((domain) => allowedDomains.includes(domain))) return false;
  const listed = disposableEmailBlocklistSet();
  return domains.some((domain) => listed.has(domain));
}
