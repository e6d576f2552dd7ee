import {
  admitRedemption,
  type ConfirmFirst,
  type DeliveredOtherwise,
  isAsPromised,
  type RedeemRequest,
} from './admit-redemption.ts';
import { appendOrReport } from './append-or-report.ts';
import { ARCHIVED, type Refusal } from './errors.ts';
import type { FileStore, OpenFile } from './ports.ts';
import type { TokenRecord } from './records.ts';
import { fail, ok, type Result } from './result.ts';
import { type RedemptionDependencies, type Settlement, settleRedemption } from './settle-redemption.ts';

export interface StreamDependencies extends RedemptionDependencies {
  readonly files: Pick<FileStore, 'open'>;
}

/** A redemption whose bytes are on their way: the only one its token ever has. */
export interface StreamedRedemption extends Settlement {
  readonly record: TokenRecord;
  readonly file: OpenFile;
}

/**
 * Redeems a token for the bytes themselves. The file is open, and S3 has said that it will send it, before the receipt
 * is put; who does not win the receipt lets go of it. No URL leaves the machine.
 *
 * @throws Unavailable as redeemToken does
 */
export async function streamToken(
  deps: StreamDependencies,
  request: RedeemRequest,
): Promise<Result<StreamedRedemption, Refusal | ConfirmFirst | DeliveredOtherwise>> {
  const admitted = await admitRedemption(deps, request, 'stream');
  if (!admitted.ok) return admitted;
  const record = admitted.value;

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

/** How the sending of a file ended. */
export interface DeliveryOutcome {
  /** `delivered`: the platform took the last byte; `aborted`: the caller went away, or the file could not be read on. */
  readonly event: 'delivered' | 'aborted';
  /** Bytes that the platform took. */
  readonly bytes: number;
}

/** Notes how it went. The token stays redeemed either way. */
export async function noteDelivery(
  deps: Pick<StreamDependencies, 'clock' | 'ledger' | 'report'>,
  { record, redemptionId }: StreamedRedemption,
  outcome: DeliveryOutcome,
): Promise<void> {
  const { tokenId, asset, recipient } = record;
  await appendOrReport(deps, {
    ...outcome,
    tokenId,
    redemptionId,
    at: deps.clock(),
    asset: asset.name,
    ...(recipient && { pseudonym: recipient.pseudonym }),
  });
}
