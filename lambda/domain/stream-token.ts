import {
  admitRedemption,
  type ConfirmFirst,
  isAsPromised,
  type RedeemRequest,
  type WrongDelivery,
} from './admit-redemption.ts';
import { appendOrReport } from './append-or-report.ts';
import { ARCHIVED, type Refusal } from './errors.ts';
import type { TokenId } from './ids.ts';
import { refundQuota } from './mail-quota.ts';
import type { FileStore, OpenFile, Quota } from './ports.ts';
import { streamCounter } from './quota-rules.ts';
import type { TokenRecord } from './records.ts';
import { fail, ok, type Result } from './result.ts';
import { type RedemptionDependencies, type Settlement, settleRedemption } from './settle-redemption.ts';

export interface StreamDependencies extends RedemptionDependencies {
  readonly files: Pick<FileStore, 'open'>;
  readonly quota: Quota;
  /** How many files are streamed at the same time. */
  readonly streamConcurrency: number;
}

/** How soon to ask again when every place is taken, in seconds: a place is free as soon as anyone's file is sent. */
const RETRY_SECONDS = 30;

/** A redemption whose bytes are on their way: the only one its token ever has. */
export interface StreamedRedemption extends Settlement {
  readonly record: TokenRecord;
  readonly file: OpenFile;
}

/**
 * Redeems a token for the bytes themselves. A place among the streams is taken first, so that slow readers cannot use up
 * the account's concurrency. The file is open, and S3 has said that it will send it, before the receipt is put; an attempt
 * that does not win the receipt lets go of both. No URL leaves the machine.
 *
 * @throws Unavailable as redeemToken does
 */
export async function streamToken(
  deps: StreamDependencies,
  request: RedeemRequest,
): Promise<Result<StreamedRedemption, Refusal | ConfirmFirst | WrongDelivery>> {
  const admitted = await admitRedemption(deps, request, 'stream');
  if (!admitted.ok) return admitted;
  const record = admitted.value;
  const place = await deps.quota.take(streamCounter(deps.streamConcurrency));
  if (!place.taken) return fail({ code: 'unavailable', retryAfterSeconds: RETRY_SECONDS });
  let won = false;
  try {
    const redeemed = await openAndSettle(deps, request, record);
    won = redeemed.ok;
    return redeemed;
  } finally {
    if (!won) await leavePlace(deps, record.tokenId);
  }
}

async function openAndSettle(
  deps: StreamDependencies,
  request: RedeemRequest,
  record: TokenRecord,
): Promise<Result<StreamedRedemption, Refusal>> {
  // Steps 4 and 5: the file is open, and is the one that was promised.
  const opened = await deps.files.open(record.asset.name);
  if (!opened.ok) return fail(opened.error === 'missing' ? { code: 'asset_missing' } : ARCHIVED);
  const file = opened.value;
  let won = false;
  try {
    if (!isAsPromised(record, file.asset)) return fail({ code: 'asset_changed' });
    const settled = await settleRedemption(deps, record, request);
    if (!settled.ok) return settled;
    won = true;
    return ok({ ...settled.value, record, file });
  } finally {
    if (!won) file.abort();
  }
}

async function leavePlace(
  deps: Pick<StreamDependencies, 'quota' | 'report' | 'streamConcurrency'>,
  tokenId: TokenId,
): Promise<void> {
  await refundQuota(deps, [streamCounter(deps.streamConcurrency)], tokenId);
}

/** How the sending of a file ended. */
export interface DeliveryOutcome {
  /** `delivered`: the platform took the last byte; `aborted`: the caller went away, or the file could not be read on. */
  readonly event: 'delivered' | 'aborted';
  /** Bytes that the platform took. */
  readonly bytes: number;
}

/** Notes how it went, and leaves the place among the streams. The token stays redeemed either way. */
export async function noteDelivery(
  deps: Pick<StreamDependencies, 'clock' | 'ledger' | 'report' | 'quota' | 'streamConcurrency'>,
  { record, redemptionId }: StreamedRedemption,
  outcome: DeliveryOutcome,
): Promise<void> {
  const { tokenId, asset, recipient } = record;
  await leavePlace(deps, tokenId);
  await appendOrReport(deps, {
    ...outcome,
    tokenId,
    redemptionId,
    at: deps.clock(),
    asset: asset.name,
    ...(recipient && { pseudonym: recipient.pseudonym }),
  });
}
