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
  /** The maximum number of files that are streamed at the same time. */
  readonly streamConcurrency: number;
}

/** Sets the retry time when all places are taken, in seconds. A place is free as soon as anyone's file is sent. */
const RETRY_SECONDS = 30;

/** Represents a redemption whose bytes are on their way, the only one that its token ever has. */
export interface StreamedRedemption extends Settlement {
  readonly record: TokenRecord;
  readonly file: OpenFile;
}

/**
 * Redeems a token for the file's bytes. A place among the streams is taken first, so that slow readers cannot use up
 * the account's concurrency. Before the receipt is put, the file is open and S3 has confirmed that it will send it. An
 * attempt that does not win the receipt releases both. No URL leaves the machine.
 *
 * @throws Unavailable like {@link redeemToken}
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
  // Steps 4 and 5: the file is open and is the one that was promised.
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

/** Tells how the streaming of a file ended. */
export interface DeliveryOutcome {
  /**
   * `delivered`: the platform took the last byte; `aborted`: the caller disconnected, or the file could not be read on.
   */
  readonly event: 'delivered' | 'aborted';
  /** The bytes that the platform took. */
  readonly bytes: number;
}

/** Notes how the streaming ended and frees the place. The token stays redeemed either way. */
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
