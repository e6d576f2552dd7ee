import { disposableEmailBlocklistSet } from 'disposable-email-domains-js';
import type { EmailAddress } from '../domain/ids.ts';
import { domainsOf } from './allowed-recipient.ts';

/** Tells whether the address belongs to a known disposable provider, or to a domain below one. The allowlist wins. */
export function isDisposable(address: EmailAddress, allowedDomains: readonly string[]): boolean {
  const domains = domainsOf(address);
  if (domains.some((domain) => allowedDomains.includes(domain))) return false;
  const listed = disposableEmailBlocklistSet();
  return domains.some((domain) => listed.has(domain));
}
