import { appendOrReport } from './append-or-report.ts';
import { type AssetName, isPrivate } from './asset-name.ts';
import { ARCHIVED, type Refusal } from './errors.ts';
import {
  type EmailAddress,
  epochSeconds,
  newTokenId,
  type Pseudonym,
  secondsAfter,
  type TokenId,
} from './ids.ts';
import { issuedEntry } from './issued-entry.ts';
import { DEFAULT_LANGUAGE, type Language } from './language.ts';
import { mintToken } from './mint-token.ts';
import type {
  Clock,
  Counter,
  FileStore,
  Ledger,
  MailQueue,
  Pseudonyms,
  Quota,
  Report,
  TokenStore,
} from './ports.ts';
import {
  addressCounter,
  cooldownCounter,
  countedForm,
  deploymentCounter,
  type QuotaLimits,
  sourceCounter,
  sourceMailCounter,
} from './quota-rules.ts';
import type { RefusalReason } from './records.ts';
import { fail, ok, type Result } from './result.ts';

export interface RequestLinkDependencies {
  readonly clock: Clock;
  readonly quota: Quota;
  readonly pseudonyms: Pseudonyms;
  readonly files: Pick<FileStore, 'head'>;
  readonly store: Pick<TokenStore, 'put'>;
  readonly ledger: Ledger;
  readonly queue: Pick<MailQueue, 'send'>;
  readonly report: Report;
  readonly limits: QuotaLimits;
  readonly lifetimeSeconds: number;
  /** Whether the operator lets this address receive files at all. */
  readonly isAllowedRecipient: (address: EmailAddress) => boolean;
}

/**
 * Counts a request against its source, before anything else of it is looked at.
 *
 * @param source an IPv4 address or an IPv6 /64, in one canonical spelling
 */
export async function admitSource(
  { quota, pseudonyms, limits }: Pick<RequestLinkDependencies, 'quota' | 'pseudonyms' | 'limits'>,
  source: string,
): Promise<Result<void, Refusal>> {
  const counted = await quota.take(sourceCounter(await pseudonyms.of('source', source), limits));
  return counted.taken
    ? ok(undefined)
    : fail({ code: 'quota_exceeded', retryAfterSeconds: counted.retryAfterSeconds });
}

export interface LinkRequest {
  readonly address: EmailAddress;
  readonly asset: AssetName;
  /** Where the request comes from, as {@link admitSource} has it; left out where there is no address. */
  readonly source?: string | undefined;
  /** What the mail is written in; the default language when left out. */
  readonly language?: Language;
}

/**
 * Mints a token for an address and queues its mail. What an address did before never shows in the answer: a
 * request over its quota, or for an address that may not have files, succeeds like any other and sends nothing.
 *
 * The record is put before the queue hears of it; nothing that redeems is stored or queued.
 *
 * @throws Unavailable when a service is down; what was counted is then given back, so that the next try counts
 */
export async function requestLink(
  deps: RequestLinkDependencies,
  { address, asset, source, language = DEFAULT_LANGUAGE }: LinkRequest,
): Promise<Result<void, Refusal>> {
  if (isPrivate(asset)) return fail({ code: 'asset_not_found' });
  const file = await deps.files.head(asset);
  if (!file.ok) return fail(file.error === 'missing' ? { code: 'asset_not_found' } : ARCHIVED);

  const issuedAt = deps.clock();
  const second = epochSeconds(issuedAt);
  const pseudonym = await deps.pseudonyms.of('address', countedForm(address));
  const record = mintToken({
    tokenId: newTokenId(),
    asset: file.value,
    issuedBy: 'public',
    issuedAt: second,
    expiresAt: secondsAfter(second, deps.lifetimeSeconds),
    open: 'confirm',
    delivery: 'redirect',
    recipient: { address, pseudonym },
    language,
  });
  const { tokenId } = record;

  const admission = await admit(deps, { address, pseudonym, asset, source, tokenId });
  if (admission.outcome === 'refused') return fail(admission.refusal);
  if (admission.outcome === 'silently-refused') {
    const { reason } = admission;
    await appendOrReport(deps, { event: 'refused', tokenId, at: issuedAt, asset, pseudonym, reason });
    return ok(undefined);
  }

  try {
    await deps.store.put(record);
    await deps.ledger.append(issuedEntry(record, issuedAt));
    await deps.queue.send(tokenId);
  } catch (cause) {
    await giveBack(deps, admission.counters, tokenId);
    throw cause;
  }
  return ok(undefined);
}

type Admission =
  | { readonly outcome: 'admitted'; readonly counters: readonly Counter[] }
  | { readonly outcome: 'refused'; readonly refusal: Refusal }
  | { readonly outcome: 'silently-refused'; readonly reason: RefusalReason };

interface Applicant {
  readonly address: EmailAddress;
  readonly pseudonym: Pseudonym;
  readonly asset: AssetName;
  readonly source: string | undefined;
  readonly tokenId: TokenId;
}

/**
 * Counts what is no secret first, the source and the deployment, and whatever becomes of the request then: if what
 * is known of an address came before them, or were given back after them, a full counter would tell of it.
 */
async function admit(deps: RequestLinkDependencies, applicant: Applicant): Promise<Admission> {
  const { quota, limits } = deps;
  const { address, pseudonym, asset, source, tokenId } = applicant;
  const counters: Counter[] = [];
  const take = (counter: Counter) => {
    // Listed before its answer is known: a count in doubt must not swallow the next try without a word.
    counters.push(counter);
    return quota.take(counter);
  };
  try {
    if (source !== undefined) {
      const bySource = await take(sourceMailCounter(await deps.pseudonyms.of('source', source), limits));
      if (!bySource.taken) return refused('quota_exceeded', bySource.retryAfterSeconds);
    }
    // Listed late: when it is in doubt whether the day has one mail less, it has.
    const deployment = deploymentCounter(limits);
    const daily = await quota.take(deployment);
    if (!daily.taken) return refused('unavailable', daily.retryAfterSeconds);
    counters.push(deployment);

    if (!deps.isAllowedRecipient(address)) {
      return { outcome: 'silently-refused', reason: 'recipient-not-allowed' };
    }
    const cooldown = await take(cooldownCounter(pseudonym, asset, limits));
    if (!cooldown.taken) return { outcome: 'silently-refused', reason: 'cooldown' };
    const hourly = await take(addressCounter(pseudonym, asset, limits));
    if (!hourly.taken) return { outcome: 'silently-refused', reason: 'address-quota' };
    return { outcome: 'admitted', counters };
  } catch (cause) {
    await giveBack(deps, counters, tokenId);
    throw cause;
  }
}

function refused(code: 'quota_exceeded' | 'unavailable', retryAfterSeconds: number): Admission {
  return { outcome: 'refused', refusal: { code, retryAfterSeconds } };
}

async function giveBack(
  { quota, report }: RequestLinkDependencies,
  counters: readonly Counter[],
  tokenId: TokenId,
): Promise<void> {
  for (const counter of counters) {
    try {
      await quota.giveBack(counter);
    } catch (cause) {
      report({ incident: 'quota-return-failed', tokenId }, cause);
    }
  }
}
