import { appendOrReport } from './append-or-report.ts';
import type { AssetName } from './asset-name.ts';
import { ARCHIVED, type Refusal } from './errors.ts';
import { type EmailAddress, epochSeconds, type Pseudonym, type TokenId } from './ids.ts';
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
  readonly queue: MailQueue;
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
  { address, asset, language = DEFAULT_LANGUAGE }: LinkRequest,
): Promise<Result<void, Refusal>> {
  const file = await deps.files.head(asset);
  if (!file.ok) return fail(file.error === 'missing' ? { code: 'asset_not_found' } : ARCHIVED);

  const issuedAt = deps.clock();
  const pseudonym = await deps.pseudonyms.of('address', countedForm(address));
  const record = mintToken(
    {
      asset: file.value,
      issuedBy: 'public',
      open: 'confirm',
      recipient: { address, pseudonym },
      language,
      lifetimeSeconds: deps.lifetimeSeconds,
    },
    epochSeconds(issuedAt),
  );
  const { tokenId } = record;

  const admission = await admitAddress(deps, { address, pseudonym, asset, tokenId });
  if (admission.outcome === 'silently-refused') {
    const { reason } = admission;
    await appendOrReport(deps, { event: 'refused', tokenId, at: issuedAt, asset, pseudonym, reason });
    return ok(undefined);
  }
  if (admission.outcome === 'deployment-full') {
    return fail({ code: 'unavailable', retryAfterSeconds: admission.retryAfterSeconds });
  }

  try {
    await deps.store.put(record);
    await deps.ledger.append({
      event: 'issued',
      tokenId,
      at: issuedAt,
      asset,
      pseudonym,
      issuedBy: 'public',
      address,
    });
    await deps.queue.send(tokenId);
  } catch (cause) {
    await giveBack(deps, admission.counters, tokenId);
    throw cause;
  }
  return ok(undefined);
}

type Admission =
  | { readonly outcome: 'admitted'; readonly counters: readonly Counter[] }
  | { readonly outcome: 'silently-refused'; readonly reason: RefusalReason }
  | { readonly outcome: 'deployment-full'; readonly retryAfterSeconds: number };

interface Applicant {
  readonly address: EmailAddress;
  readonly pseudonym: Pseudonym;
  readonly asset: AssetName;
  readonly tokenId: TokenId;
}

async function admitAddress(
  deps: RequestLinkDependencies,
  { address, pseudonym, asset, tokenId }: Applicant,
): Promise<Admission> {
  const { quota, limits } = deps;
  if (!deps.isAllowedRecipient(address)) {
    return { outcome: 'silently-refused', reason: 'recipient-not-allowed' };
  }
  const counters: Counter[] = [];
  const take = (counter: Counter) => {
    // Listed before its answer is known: a count in doubt must not swallow the next try without a word.
    counters.push(counter);
    return quota.take(counter);
  };
  try {
    const cooldown = await take(cooldownCounter(pseudonym, asset, limits));
    if (!cooldown.taken) return { outcome: 'silently-refused', reason: 'cooldown' };
    const hourly = await take(addressCounter(pseudonym, asset, limits));
    if (!hourly.taken) return { outcome: 'silently-refused', reason: 'address-quota' };
    const deployment = deploymentCounter(limits);
    const daily = await quota.take(deployment);
    if (daily.taken) return { outcome: 'admitted', counters: [...counters, deployment] };
    await giveBack(deps, counters, tokenId);
    return { outcome: 'deployment-full', retryAfterSeconds: daily.retryAfterSeconds };
  } catch (cause) {
    await giveBack(deps, counters, tokenId);
    throw cause;
  }
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
