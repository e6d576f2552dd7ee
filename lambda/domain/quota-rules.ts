import type { AssetName } from './asset-name.ts';
import type { CallerId, EmailAddress, Pseudonym, TokenId } from './ids.ts';
import { LONGEST_RUN_SECONDS } from './lifetime.ts';
import type { Counter } from './ports.ts';

/** The rate limits of the public form. */
export interface FormLimits {
  /** Requests an hour from one source address (IPv6: one /64). */
  readonly sourcePerHour: number;
  /** Mails a day that one source may request, sent or not: a small share of what the form may send. */
  readonly sourceMailsPerDay: number;
  /** Mails an hour to one address for one asset. */
  readonly addressPerHour: number;
  /** Mails a day to one address, whatever they are for. */
  readonly addressPerDay: number;
  /** Seconds between two mails to one address for one asset. */
  readonly cooldownSeconds: number;
  /** Mails a day that the form sends in total, which protects the sending account. */
  readonly formMailsPerDay: number;
}

/** Sets the mail limits of signed callers: links with a recipient, and notices of redemptions. */
export interface ProgramLimits {
  /** Mails a day for one caller. */
  readonly callerMailsPerDay: number;
  /** Mails a day for all callers together, which protects the sending account. */
  readonly programMailsPerDay: number;
}

const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;

/** Requests that send nothing are cheap. The ledger notes up to this many of them for each mail of the limit. */
const UNSENT_FOR_EACH_MAIL = 10;

/** Sets how many sources it takes to use up the mails of a day to one address. */
const SOURCES_FOR_AN_ADDRESS = 3;

/** Counts requests from one source, whatever they ask for. */
export function sourceCounter(source: Pseudonym, limits: Pick<FormLimits, 'sourcePerHour'>): Counter {
  return { name: `source/${source}`, limit: limits.sourcePerHour, windowSeconds: HOUR_SECONDS };
}

/** Counts the mails that one source has requested, for any recipient. */
export function sourceMailCounter(source: Pseudonym, limits: FormLimits): Counter {
  return { name: `source-mails/${source}`, limit: limits.sourceMailsPerDay, windowSeconds: DAY_SECONDS };
}

/**
 * Allows one mail to this address for this asset in the cooldown. A stranger cannot lock the address out of other
 * files.
 */
export function cooldownCounter(address: Pseudonym, asset: AssetName, limits: FormLimits): Counter {
  return { name: `cooldown/${address}/${asset}`, limit: 1, windowSeconds: limits.cooldownSeconds };
}

/** Counts mails to this address for this asset. */
export function addressCounter(address: Pseudonym, asset: AssetName, limits: FormLimits): Counter {
  return { name: `address/${address}/${asset}`, limit: limits.addressPerHour, windowSeconds: HOUR_SECONDS };
}

/** Counts mails to this address for all assets together. */
export function addressDayCounter(address: Pseudonym, limits: FormLimits): Counter {
  return { name: `address-day/${address}`, limit: limits.addressPerDay, windowSeconds: DAY_SECONDS };
}

/** Counts one source's share of the mails to one address, so that one stranger cannot use up somebody else's day. */
export function addressSourceCounter(address: Pseudonym, source: Pseudonym, limits: FormLimits): Counter {
  const limit = Math.ceil(limits.addressPerDay / SOURCES_FOR_AN_ADDRESS);
  return { name: `address-source/${address}/${source}`, limit, windowSeconds: DAY_SECONDS };
}

/** Counts mails that the form sends. */
export function formMailCounter({ formMailsPerDay }: Pick<FormLimits, 'formMailsPerDay'>): Counter {
  return { name: 'form-mails', limit: formMailsPerDay, windowSeconds: DAY_SECONDS, gauge: 'FormMails' };
}

/** Counts accepted requests to the form that send nothing. */
export function unsentCounter({ formMailsPerDay }: Pick<FormLimits, 'formMailsPerDay'>): Counter {
  const limit = UNSENT_FOR_EACH_MAIL * formMailsPerDay;
  return { name: 'form-unsent', limit, windowSeconds: DAY_SECONDS, gauge: 'UnsentRequests' };
}

/** Counts mails that one signed caller has sent. */
export function callerMailCounter(caller: CallerId, limits: ProgramLimits): Counter {
  return { name: `caller-mails/${caller}`, limit: limits.callerMailsPerDay, windowSeconds: DAY_SECONDS };
}

/** Longer than the mail function runs, and shorter than the pause before its queue delivers a message again. */
const MAILING_SECONDS = 60;

/**
 * Lets one invocation at a time mail a caller's link. Two messages about one link can be in the queue if the request for it was
 * repeated while it was being answered. Whoever takes this counter has seen the whole history of anyone who took it before.
 */
export function mailingCounter(caller: CallerId, tokenId: TokenId): Counter {
  return { name: `caller-mails/${caller}/${tokenId}`, limit: 1, windowSeconds: MAILING_SECONDS };
}

/** Counts mails that signed callers have sent. */
export function programMailCounter({ programMailsPerDay }: ProgramLimits): Counter {
  return {
    name: 'program-mails',
    limit: programMailsPerDay,
    windowSeconds: DAY_SECONDS,
    gauge: 'ProgramMails',
  };
}

/**
 * Returns the counter of one slot for the files that are streamed at the same time. Its window is longer than the
 * function may run, so a slot is freed within the window that it was taken in, and a killed function's slot becomes
 * free by itself.
 */
export function streamSlot(slot: number): Counter {
  return { name: `streams/${slot}`, limit: 1, windowSeconds: LONGEST_RUN_SECONDS };
}

/**
 * Lists domains of one provider where dots in a name are ignored (Gmail Help, "Dots don't matter in Gmail addresses").
 * With any other provider they may tell two people apart.
 */
const DOTLESS_DOMAINS: ReadonlySet<string> = new Set(['gmail.com', 'googlemail.com']);

/**
 * Returns the canonical form of an address for counting and lookup. All spellings that are known to reach one mailbox
 * become the same. Mail itself goes to the address as it was given.
 */
export function countedForm(address: EmailAddress): string {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  const local = address.slice(0, at).toLowerCase();
  const tag = local.indexOf('+');
  const name = tag > 0 ? local.slice(0, tag) : local;
  return DOTLESS_DOMAINS.has(domain) ? `${name.replaceAll('.', '')}@gmail.com` : `${name}@${domain}`;
}
