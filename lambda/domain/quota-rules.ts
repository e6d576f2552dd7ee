import type { AssetName } from './asset-name.ts';
import type { EmailAddress, Pseudonym } from './ids.ts';
import type { Counter } from './ports.ts';

/** The limits of a deployment. */
export interface QuotaLimits {
  /** Requests an hour from one source address (IPv6: one /64). */
  readonly sourcePerHour: number;
  /** Mails a day that one source address may have sent, so that no stranger alone can use up the day. */
  readonly sourceMailsPerDay: number;
  /** Mails an hour to one address for one asset. */
  readonly addressPerHour: number;
  /** Seconds between two mails to one address for one asset. */
  readonly cooldownSeconds: number;
  /** Mails a day from the whole deployment, which protects the sending account. */
  readonly mailsPerDay: number;
}

const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;

/** Requests from one source, whatever they ask for. */
export function sourceCounter(source: Pseudonym, limits: QuotaLimits): Counter {
  return { name: `source/${source}`, limit: limits.sourcePerHour, windowSeconds: HOUR_SECONDS };
}

/** Mails that one source has asked for, to whomever. */
export function sourceMailCounter(source: Pseudonym, limits: QuotaLimits): Counter {
  return { name: `source-mails/${source}`, limit: limits.sourceMailsPerDay, windowSeconds: DAY_SECONDS };
}

/** One mail to this address for this asset in the cooldown; a stranger cannot lock it out of other files. */
export function cooldownCounter(address: Pseudonym, asset: AssetName, limits: QuotaLimits): Counter {
  return { name: `cooldown/${address}/${asset}`, limit: 1, windowSeconds: limits.cooldownSeconds };
}

/** Mails to this address for this asset. */
export function addressCounter(address: Pseudonym, asset: AssetName, limits: QuotaLimits): Counter {
  return { name: `address/${address}/${asset}`, limit: limits.addressPerHour, windowSeconds: HOUR_SECONDS };
}

/** Mails from the whole deployment. */
export function deploymentCounter(limits: Pick<QuotaLimits, 'mailsPerDay'>): Counter {
  return { name: 'deployment', limit: limits.mailsPerDay, windowSeconds: DAY_SECONDS };
}

/**
 * The form of an address that is counted: case and plus-tags folded, since they reach one mailbox. Mail itself
 * goes to the address as it was given.
 */
export function countedForm(address: EmailAddress): string {
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at).toLowerCase();
  const tag = local.indexOf('+');
  return `${tag > 0 ? local.slice(0, tag) : local}${address.slice(at)}`;
}
