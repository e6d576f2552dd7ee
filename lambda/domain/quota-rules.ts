import type { AssetName } from './asset-name.ts';
import type { CallerId, EmailAddress, Pseudonym } from './ids.ts';
import { DAY_SECONDS, LONGEST_RUN_SECONDS } from './lifetime.ts';
import type { Counter } from './ports.ts';

/** Rate limits of the public form. */
export interface FormLimits {
  /** Requests per hour from one source address (IPv6: one /64). */
  readonly sourcePerHour: number;
  /** E-mails per day that one source can request, sent or not: a small share of the form's daily e-mails. */
  readonly sourceMailsPerDay: number;
  /** E-mails per hour to one address for one asset. */
  readonly addressPerHour: number;
  /** E-mails per day to one address, for any asset. */
  readonly addressPerDay: number;
  /** Minimum time between two e-mails to one address for one asset, in seconds. */
  readonly cooldownSeconds: number;
  /** E-mails per day that the form sends in total. Protects the sending account. */
  readonly formMailsPerDay: number;
}

/**
 * Limits on the e-mails that IAM callers and other tenants cause: links, reminders, notices, and messages about
 * upload links.
 */
export interface ProgramLimits {
  /** E-mails per day for one caller. */
  readonly callerMailsPerDay: number;
  /** E-mails per day for all callers together. Protects the sending account. */
  readonly programMailsPerDay: number;
}

const HOUR_SECONDS = 3600;

/**
 * Maximum number of recorded requests that lead to no e-mail, as a multiple of the form's daily mail limit. Such
 * requests are cheap.
 */
const UNSENT_FOR_EACH_MAIL = 10;

/** Minimum number of sources needed to reach the daily limit for one address. */
const SOURCES_FOR_AN_ADDRESS = 3;

/** Returns the counter of all requests from one source. */
export function sourceCounter(source: Pseudonym, limits: Pick<FormLimits, 'sourcePerHour'>): Counter {
  return { name: `source/${source}`, limit: limits.sourcePerHour, windowSeconds: HOUR_SECONDS };
}

/** Returns the counter of e-mails requested by one source, for any recipient. */
export function sourceMailCounter(source: Pseudonym, limits: FormLimits): Counter {
  return { name: `source-mails/${source}`, limit: limits.sourceMailsPerDay, windowSeconds: DAY_SECONDS };
}

/**
 * Returns the counter that allows one e-mail per cooldown to this address for this asset. A stranger's requests for one
 * file do not block e-mails to the address about other files.
 */
export function cooldownCounter(address: Pseudonym, asset: AssetName, limits: FormLimits): Counter {
  return { name: `cooldown/${address}/${asset}`, limit: 1, windowSeconds: limits.cooldownSeconds };
}

/** Returns the counter of e-mails to this address for this asset. */
export function addressCounter(address: Pseudonym, asset: AssetName, limits: FormLimits): Counter {
  return { name: `address/${address}/${asset}`, limit: limits.addressPerHour, windowSeconds: HOUR_SECONDS };
}

/** Returns the counter of e-mails to this address for all assets together. */
export function addressDayCounter(address: Pseudonym, limits: FormLimits): Counter {
  return { name: `address-day/${address}`, limit: limits.addressPerDay, windowSeconds: DAY_SECONDS };
}

/**
 * Returns the counter of e-mails requested by one source for one address. It keeps a stranger from using up the
 * address's daily limit.
 */
export function addressSourceCounter(address: Pseudonym, source: Pseudonym, limits: FormLimits): Counter {
  const limit = Math.ceil(limits.addressPerDay / SOURCES_FOR_AN_ADDRESS);
  return { name: `address-source/${address}/${source}`, limit, windowSeconds: DAY_SECONDS };
}

/** Returns the counter of e-mails that the form sends. */
export function formMailCounter({ formMailsPerDay }: Pick<FormLimits, 'formMailsPerDay'>): Counter {
  return { name: 'form-mails', limit: formMailsPerDay, windowSeconds: DAY_SECONDS, gauge: 'FormMails' };
}

/** Returns the counter of accepted form requests that lead to no e-mail. */
export function unsentCounter({ formMailsPerDay }: Pick<FormLimits, 'formMailsPerDay'>): Counter {
  const limit = UNSENT_FOR_EACH_MAIL * formMailsPerDay;
  return { name: 'form-unsent', limit, windowSeconds: DAY_SECONDS, gauge: 'UnsentRequests' };
}

/** Returns the counter of e-mails for one IAM caller. */
export function callerMailCounter(caller: CallerId, limits: ProgramLimits): Counter {
  return { name: `caller-mails/${caller}`, limit: limits.callerMailsPerDay, windowSeconds: DAY_SECONDS };
}

/**
 * Window of {@link mailingCounter}, in seconds: longer than a run of the mail function, but shorter than the time until
 * the queue delivers a message again.
 */
const MAILING_SECONDS = 60;

/**
 * Returns the counter that lets only one invocation at a time send a particular e-mail. The queue can hold two messages
 * about one e-mail if the request for it was repeated before the first response arrived. An invocation that takes this
 * counter sees everything that an earlier one wrote to the history.
 *
 * @param about the link's token ID, or the ID of an upload link and the name of its e-mail
 */
export function mailingCounter(caller: CallerId, about: string): Counter {
  return { name: `caller-mails/${caller}/${about}`, limit: 1, windowSeconds: MAILING_SECONDS };
}

/** Returns the counter of e-mails for all IAM callers. */
export function programMailCounter({ programMailsPerDay }: ProgramLimits): Counter {
  return {
    name: 'program-mails',
    limit: programMailsPerDay,
    windowSeconds: DAY_SECONDS,
    gauge: 'ProgramMails',
  };
}

/**
 * Returns the counter of one slot for concurrent streams. Its window is longer than the function's timeout. A stream
 * therefore always ends within the window of its slot, and the slot of a killed function becomes free on its own.
 */
export function streamSlot(slot: number): Counter {
  return { name: `streams/${slot}`, limit: 1, windowSeconds: LONGEST_RUN_SECONDS };
}

/**
 * Domains that ignore dots in local parts; both belong to Gmail (Gmail Help, "Dots don't matter in Gmail addresses").
 * At other providers, dots may distinguish two people.
 */
const DOTLESS_DOMAINS: ReadonlySet<string> = new Set(['gmail.com', 'googlemail.com']);

/**
 * Returns the canonical form of an address for counting and lookup. Spellings known to reach the same mailbox have the
 * same form. E-mails are still sent to the address as given.
 */
export function countedForm(address: EmailAddress): string {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  const local = address.slice(0, at).toLowerCase();
  const tag = local.indexOf('+');
  const name = tag > 0 ? local.slice(0, tag) : local;
  return DOTLESS_DOMAINS.has(domain) ? `${name.replaceAll('.', '')}@gmail.com` : `${name}@${domain}`;
}
