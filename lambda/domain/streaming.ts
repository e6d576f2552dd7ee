import { randomInt } from 'node:crypto';
import { appendOrReport } from './append-or-report.ts';
import type { RedemptionId } from './ids.ts';
import { refundQuota } from './mail-quota.ts';
import type { Clock, Counter, Ledger, Quota, Report } from './ports.ts';
import { streamSlot } from './quota-rules.ts';
import type { TokenRecord } from './records.ts';

/** Sets the retry time when all slots are taken, in seconds. A slot is free as soon as anyone's file is sent. */
export const SLOT_RETRY_SECONDS = 30;

/** Sets how many slots are tried before all count as full. With many slots, a free one is soon found. */
const SLOTS_TRIED = 8;

export interface SlotDependencies {
  readonly quota: Quota;
  /** The maximum number of files that are streamed at the same time. */
  readonly streamConcurrency: number;
}

/** Takes a free slot among the streams, beginning anywhere. */
export async function takeSlot({ quota, streamConcurrency }: SlotDependencies): Promise<Counter | undefined> {
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

export interface DeliveryDependencies {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly report: Report;
  readonly quota: Quota;
}

/** Writes down how the streaming ended, and frees the slot. The token stays redeemed either way. */
export async function noteDelivery(
  deps: DeliveryDependencies,
  {
    record,
    redemptionId,
    slot,
  }: { readonly record: TokenRecord; readonly redemptionId: RedemptionId; readonly slot: Counter },
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
