import type { AssetName } from './asset-name.ts';
import type { CallerId, EmailAddress, Pseudonym } from './ids.ts';
import type { Counter } from './ports.ts';

/** What the public form allows. */
export interface FormLimits {
  /** Requests an hour from one source address (IPv6: one /64). */
  readonly sourcePerHour: number;
  /** Mails a day that one source may ask for, sent or not: a small share of what the form may send. */
  readonly sourceMailsPerDay: number;
  /** Mails an hour to one address for one asset. */
  readonly addressPerHour: number;
  /** Mails a day to one address, whatever they are for. */
  readonly addressPerDay: number;
  /** Seconds between two mails to one address for one asset. */
  readonly cooldownSeconds: number;
  /** Mails a day that the form sends to everyone together, which protects the sending account. */
  readonly formMailsPerDay: number;
}

/** What signed callers may have mailed: links with a recipient, and notices of redemptions. */
export interface ProgramLimits {
  /** Mails a day for one caller. */
  readonly callerMailsPerDay: number;
  /** Mails a day for all callers together, which protects the sending account. */
  readonly programMailsPerDay: number;
}

const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;

/** Requests that send nothing are cheap, and are noted in the ledger so many times as often as mails are sent. */
const UNSENT_FOR_EACH_MAIL = 10;

/** How many sources it takes to use up the mails of a day to one address. */
const SOURCES_FOR_AN_ADDRESS = 3;

/** Requests from one source, whatever they ask for. */
export function sourceCounter(source: Pseudonym, limits: Pick<FormLimits, 'sourcePerHour'>): Counter {
  return { name: `source/${source}`, limit: limits.sourcePerHour, windowSeconds: HOUR_SECONDS };
}

/** Mails that one source has asked for, to whomever. */
export function sourceMailCounter(source: Pseudonym, limits: FormLimits): Counter {
  return { name: `source-mails/${source}`, limit: limits.sourceMailsPerDay, windowSeconds: DAY_SECONDS };
}

/** One mail to this address for this asset in the cooldown; a stranger cannot lock it out of other files. */
export function cooldownCounter(address: Pseudonym, asset: AssetName, limits: FormLimits): Counter {
  return { name: `cooldown/${address}/${asset}`, limit: 1, windowSeconds: limits.cooldownSeconds };
}

/** Mails to this address for this asset. */
export function addressCounter(address: Pseudonym, asset: AssetName, limits: FormLimits): Counter {
  return { name: `address/${address}/${asset}`, limit: limits.addressPerHour, windowSeconds: HOUR_SECONDS };
}

/** Mails to this address for all assets together. */
export function addressDayCounter(address: Pseudonym, limits: FormLimits): Counter {
  return { name: `address-day/${address}`, limit: limits.addressPerDay, windowSeconds: DAY_SECONDS };
}

/** A source's share of the mails to one address: what one stranger asks for must not use up the day of somebody else. */
export function addressSourceCounter(address: Pseudonym, source: Pseudonym, limits: FormLimits): Counter {
  const limit = Math.ceil(limits.addressPerDay / SOURCES_FOR_AN_ADDRESS);
  return { name: `address-source/${address}/${source}`, limit, windowSeconds: DAY_SECONDS };
}

/** Mails that the form sends. */
export function formMailCounter({ formMailsPerDay }: Pick<FormLimits, 'formMailsPerDay'>): Counter {
  return { name: 'form-mails', limit: formMailsPerDay, windowSeconds: DAY_SECONDS, gauge: 'FormMails' };
}

/** Requests to the form that were accepted and send nothing. */
export function unsentCounter({ formMailsPerDay }: Pick<FormLimits, 'formMailsPerDay'>): Counter {
  const limit = UNSENT_FOR_EACH_MAIL * formMailsPerDay;
  return { name: 'form-unsent', limit, windowSeconds: DAY_SECONDS, gauge: 'UnsentRequests' };
}

/** Mails that one signed caller has sent. */
export function callerMailCounter(caller: CallerId, limits: ProgramLimits): Counter {
  return { name: `caller-mails/${caller}`, limit: limits.callerMailsPerDay, windowSeconds: DAY_SECONDS };
}

/** Mails that signed callers have sent. */
export function programMailCounter({ programMailsPerDay }: ProgramLimits): Counter {
  return {
    name: 'program-mails',
    limit: programMailsPerDay,
    windowSeconds: DAY_SECONDS,
    gauge: 'ProgramMails',
  };
}

/**
 * One place among the files that are streamed at the same time. Its window is longer than a function runs, so whoever took
 * it leaves it within the same window, and the place of a killed function comes back by itself.
 */
export function streamPlace(place: number): Counter {
  return { name: `streams/${place}`, limit: 1, windowSeconds: LONGEST_RUN_SECONDS };
}

/** The longest that a function runs (AWS Lambda Developer Guide, "Lambda quotas"). */
const LONGEST_RUN_SECONDS = 900;

/**
 * Domains of one provider under which dots in a name mean nothing (Gmail Help, "Dots don't matter in Gmail addresses").
 * With any other provider they may tell two people apart.
 */
const DOTLESS_DOMAINS: ReadonlySet<string> = new Set(['gmail.com', 'googlemail.com']);

/**
 * Returns the form of an address that is counted and looked up: every spelling that is known to reach one mailbox becomes
 * the same. Mail itself goes to the address as it was given.
 */
export function countedForm(address: EmailAddress): string {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  const local = address.slice(0, at).toLowerCase();
  const tag = local.indexOf('+');
  const name = tag > 0 ? local.slice(0, tag) : local;
  return DOTLESS_DOMAINS.has(domain) ? `${name.replaceAll('.', '')}@gmail.com` : `${name}@${domain}`;
}
