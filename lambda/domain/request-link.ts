import { type AssetName, isPrivate } from './asset-name.ts';
import { appendOrReport } from './ending.ts';
import { ARCHIVED, type Refusal } from './errors.ts';
import {
  type EmailAddress,
  epochSeconds,
  newTokenId,
  type PresenceCode,
  type Pseudonym,
  secondsAfter,
  type TokenId,
} from './ids.ts';
import { DEFAULT_LANGUAGE, type Language } from './language.ts';
import { refundQuota } from './mail-quota.ts';
import { issuedEntry, mintToken } from './mint-token.ts';
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
import { type PresenceKey, presenceCodeOf } from './presence-code.ts';
import {
  addressCounter,
  addressDayCounter,
  addressSourceCounter,
  cooldownCounter,
  countedForm,
  type FormLimits,
  formMailCounter,
  sourceCounter,
  sourceMailCounter,
  unsentCounter,
} from './quota-rules.ts';
import type { FormDelivery, RefusalReason } from './records.ts';
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
  readonly limits: FormLimits;
  readonly lifetimeSeconds: number;
  readonly delivery: FormDelivery;
  readonly isAllowedRecipient: (address: EmailAddress) => boolean;
  /** Absent if form links require no presence code. */
  readonly presenceKey?: PresenceKey | undefined;
}

/** Result of an accepted request. */
export interface Requested {
  /** Presence code, if form links require one. It is returned even if no link was issued. */
  readonly presenceCode?: PresenceCode;
}

export interface SourceLimitDependencies {
  readonly quota: Quota;
  readonly pseudonyms: Pseudonyms;
  readonly limits: Pick<FormLimits, 'sourcePerHour'>;
}

/**
 * Counts a request against its source before its body is parsed.
 *
 * @param source an IPv4 address or an IPv6 /64, in canonical form
 */
export async function admitSource(
  { quota, pseudonyms, limits }: SourceLimitDependencies,
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
  /** Source of the request, as for {@link admitSource}; absent if the IP address is unknown. */
  readonly source?: string | undefined;
  /** Language of the e-mail. */
  readonly language?: Language;
}

/**
 * Mints a token for an address and queues its e-mail. The response never reveals anything about the address: a request
 * that exceeds the address's quota, or whose address is not allowed to receive files, succeeds like any other but leads
 * to no e-mail. The presence code is computed whether or not there is a link. The record is written before the e-mail
 * is queued, and neither contains anything that can be redeemed.
 *
 * @throws Unavailable if a service is down; the counters are then refunded, so that the request can be retried
 */
export async function requestLink(
  deps: RequestLinkDependencies,
  { address, asset, source, language = DEFAULT_LANGUAGE }: LinkRequest,
): Promise<Result<Requested, Refusal>> {
  if (isPrivate(asset)) return fail({ code: 'asset_not_found' });
  const file = await deps.files.head(asset);
  if (!file.ok) return fail(file.error === 'missing' ? { code: 'asset_not_found' } : ARCHIVED);

  const issuedAt = deps.clock();
  const second = epochSeconds(issuedAt);
  const pseudonym = await deps.pseudonyms.of('address', countedForm(address));
  const record = mintToken({
    tokenId: newTokenId('form'),
    asset: file.value,
    issuedBy: 'public',
    issuedAt: second,
    expiresAt: secondsAfter(second, deps.lifetimeSeconds),
    open: 'confirm',
    delivery: deps.delivery,
    recipient: { address, pseudonym },
    language,
    ...(deps.presenceKey && { presenceCode: true }),
  });
  const { tokenId } = record;
  const requested = deps.presenceKey
    ? { presenceCode: presenceCodeOf(tokenId, await deps.presenceKey()) }
    : {};

  const admission = await admit(deps, { address, pseudonym, asset, source, tokenId });
  if (admission.outcome === 'refused') return fail(admission.refusal);
  if (admission.outcome === 'silently-refused') {
    const { reason } = admission;
    // Beyond this limit, requests still get the same response, but are no longer recorded, so a flood cannot fill the
    // ledger.
    const noted = await deps.quota.take(unsentCounter(deps.limits));
    if (noted.taken) {
      await appendOrReport(deps, { event: 'refused', tokenId, at: issuedAt, asset, pseudonym, reason });
    }
    return ok(requested);
  }

  try {
    await deps.store.put(record);
    await deps.ledger.append(issuedEntry(record, issuedAt));
    await deps.queue.send(tokenId);
  } catch (cause) {
    await refundQuota(deps, admission.counters, tokenId);
    throw cause;
  }
  return ok(requested);
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
 * Decides whether an e-mail is sent, and counts the request. The limits that reveal nothing about the address are
 * checked first: the form's daily mail limit, and the source's share of it. The limits on the address follow. Every
 * request counts against the source's share. Only e-mails that are sent count against the form's limit, so a request
 * that leads to no e-mail takes none from anyone else.
 */
async function admit(deps: RequestLinkDependencies, applicant: Applicant): Promise<Admission> {
  const { quota, limits } = deps;
  const { address, pseudonym, asset, source, tokenId } = applicant;
  const counters: Counter[] = [];
  const take = (counter: Counter) => {
    // The counter is added to the list before the call returns, because the count has to be refunded even if the
    // response is lost. Otherwise, the retry would be refused silently.
    counters.push(counter);
    return quota.take(counter);
  };
  try {
    const day = formMailCounter(limits);
    const today = await quota.look(day);
    if (!today.taken) return refused('unavailable', today.retryAfterSeconds);
    const from = source === undefined ? undefined : await deps.pseudonyms.of('source', source);
    if (from !== undefined) {
      const bySource = await take(sourceMailCounter(from, limits));
      if (!bySource.taken) return refused('quota_exceeded', bySource.retryAfterSeconds);
    }

    if (!deps.isAllowedRecipient(address)) return silently('recipient-not-allowed');
    const cooldown = cooldownCounter(pseudonym, asset, limits);
    if (!(await take(cooldown)).taken) return silently('cooldown');
    const hour = addressCounter(pseudonym, asset, limits);
    if (!(await take(hour)).taken) return silently('address-quota');
    if (from !== undefined && !(await take(addressSourceCounter(pseudonym, from, limits))).taken) {
      // Otherwise, a stranger's requests that send nothing would use up the address's hourly limit.
      await refundQuota(deps, [cooldown, hour], tokenId);
      return silently('address-quota');
    }
    if (!(await take(addressDayCounter(pseudonym, limits))).taken) return silently('address-quota');
    // The counter is added to the list only after success. If the response is lost, the e-mail stays counted. If other
    // requests used up the day's limit in the meantime, an error would reveal that this address passed all checks
    // above, so the request is refused silently.
    if (!(await quota.take(day)).taken) return silently('mail-limit');
    counters.push(day);
    return { outcome: 'admitted', counters };
  } catch (cause) {
    await refundQuota(deps, counters, tokenId);
    throw cause;
  }
}

function refused(code: 'quota_exceeded' | 'unavailable', retryAfterSeconds: number): Admission {
  return { outcome: 'refused', refusal: { code, retryAfterSeconds } };
}

function silently(reason: RefusalReason): Admission {
  return { outcome: 'silently-refused', reason };
}
