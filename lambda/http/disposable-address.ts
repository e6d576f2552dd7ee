import { disposableEmailBlocklistSet } from 'disposable-email-domains-js';
import type { EmailAddress } from '../domain/ids.ts';
import { domainsOf } from './allowed-recipient.ts';

/** Whether the address is of a known throw-away provider, or of a domain under one. The allow-list wins. */
export function isDisposable(address: EmailAddress, allowedDomains: readonly string[]): boolean {
  const domains = domainsOf(address);
  if (domains.some((domain) => allowedDomains.includes(domain))) return false;
  const listed = disposableEmailBlocklistSet();
  return domains.some((domain) => listed.has(domain));
}
