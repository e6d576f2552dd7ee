import { randomInt } from 'node:crypto';
import {
  admitRedemption,
  type ConfirmFirst,
  isAsPromised,
  type RedeemRequest,
  type WrongDelivery,
} from './admit-redemption.ts';
import { appendOrReport } from './append-or-report.ts';
import { ARCHIVED, type Refusal } from './errors.ts';
import { refundQuota } from './mail-quota.ts';
import type { Counter, FileStore, OpenFile, Quota } from './ports.ts';
import { streamSlot } from './quota-rules.ts';
import type { TokenRecord } from './records.ts';
import { fail, ok, type Result } from './result.ts';
import { type RedemptionDependencies, type Settlement, settleRedemption } from './settle-redemption.ts';

export interface StreamDependencies extends RedemptionDependencies {
  readonly files: Pick<FileStore, 'open'>;
  readonly quota: Quota;
  /** The maximum number of files that are streamed at the same time. */
  readonly streamConcurrency: number;
}

/** Sets the retry time when all slots are taken, in seconds. A slot is free as soon as anyone's file is sent. */
const RETRY_SECONDS = 30;

/** Sets how many slots are tried before all count as full. With many slots, a free one is soon found. */
const SLOTS_TRIED = 8;

/** Represents a redemption whose bytes are on their way, the only one that its token ever has. */
export interface StreamedRedemption extends Settlement {
  readonly record: TokenRecord;
  readonly file: OpenFile;
  /** The slot among the streams that it holds until the file is sent. */
  readonly slot: Counter;
}

/**
 * Redeems a token for the file's bytes. Before the receipt is put, the file is open and S3 has confirmed that it will
 * send it. In between, a slot among the streams is taken, so that slow readers cannot use up the account's
 * concurrency. An attempt that does not win the receipt releases both. No URL leaves the machine.
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

  // Steps 4 and 5: the file is open and is the one that was promised.
  const opened = await deps.files.open(record.asset.name);
  if (!opened.ok) return fail(opened.error === 'missing' ? { code: 'asset_missing' } : ARCHIVED);
  const file = opened.value;
  let slot: Counter | undefined;
  let won = false;
  try {
    if (!isAsPromised(record, file.asset)) return fail({ code: 'asset_changed' });
    slot = await takeSlot(deps);
    if (slot === undefined) return fail({ code: 'unavailable', retryAfterSeconds: RETRY_SECONDS });
    const settled = await settleRedemption(deps, record, request);
    if (!settled.ok) return settled;
    won = true;
    return ok({ ...settled.value, record, file, slot });
  } finally {
    if (!won) {
      file.abort();
      if (slot !== undefined) await refundQuota(deps, [slot], record.tokenId);
    }
  }
}

/** Takes a free slot, beginning anywhere. */
async function takeSlot({ quota, streamConcurrency }: StreamDependencies): Promise<Counter | undefined> {
  const start = randomInt(streamConcurrency);
  for (let tried = 0; tried < Math.min(streamConcurrency, SLOTS_TRIED); tried += 1) {
    const slot = streamSlot((start + tried) % streamConcurrency);
    if ((await quota.take(slot)).taken) return slot;
  }
  return undefined;
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

/** Notes how the streaming ended and frees the slot. The token stays redeemed either way. */
export async function noteDelivery(
  deps: Pick<StreamDependencies, 'clock' | 'ledger' | 'report' | 'quota'>,
  { record, redemptionId, slot }: StreamedRedemption,
  outcome: DeliveryOutcome,
): Promise<void> {
  const { tokenId, asset, recipient } = record;
  await refundQuota(deps, [slot], tokenId);
  await appendOrReport(deps, {
    ...outcome,
    tokenId,
    redemptionId,
    at: deps.clock(),
    asset: asset.name,
    ...(recipient && { pseudonym: recipient.pseudonym }),
  });
}
