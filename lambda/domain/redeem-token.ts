import {
  admitRedemption,
  type ConfirmFirst,
  isAsPromised,
  type RedeemRequest,
  type WrongDelivery,
} from './admit-redemption.ts';
import { ARCHIVED, type Refusal } from './errors.ts';
import { type EpochSeconds, epochSeconds, secondsAfter } from './ids.ts';
import type { FileStore } from './ports.ts';
import type { Asset, TokenRecord } from './records.ts';
import { fail, ok, type Result } from './result.ts';
import { type RedemptionDependencies, settleRedemption } from './settle-redemption.ts';

export interface RedeemDependencies extends RedemptionDependencies {
  readonly files: Pick<FileStore, 'head' | 'presign'>;
  /** The lifetime of the download URL, in seconds: 5 to 300. */
  readonly downloadSeconds: number;
}

/** Represents a redemption that succeeded, the only one that its token ever has. */
export interface Redemption {
  readonly record: TokenRecord;
  /** The file as it is now. */
  readonly asset: Asset;
  /** Opens the file until `urlExpiresAt`. Never log or store it. */
  readonly url: string;
  readonly urlExpiresAt: EpochSeconds;
}

/**
 * Redeems a token for a download URL, in the order of the steps in docs/protocol.md. Everything that can be checked is
 * checked before the receipt is put. The receipt decides; what comes after it cannot change the outcome.
 *
 * @throws Unavailable if a service was down: nothing is spent, or (if it is unknown whether the receipt was put) the
 *   token is spent and nobody has the file
 */
export async function redeemToken(
  deps: RedeemDependencies,
  request: RedeemRequest,
): Promise<Result<Redemption, Refusal | ConfirmFirst | WrongDelivery>> {
  const admitted = await admitRedemption(deps, request, 'redirect');
  if (!admitted.ok) return admitted;
  const record = admitted.value;

  // Step 4: the file exists, can be read now, and is the one that was promised.
  const file = await deps.files.head(record.asset.name);
  if (!file.ok) return fail(file.error === 'missing' ? { code: 'asset_missing' } : ARCHIVED);
  if (!isAsPromised(record, file.value)) return fail({ code: 'asset_changed' });

  // Step 5: the URL can be signed.
  const url = await deps.files.presign(file.value, deps.downloadSeconds);

  const settled = await settleRedemption(deps, record, request);
  if (!settled.ok) return settled;
  const urlExpiresAt = secondsAfter(epochSeconds(settled.value.at), deps.downloadSeconds);
  return ok({ record, asset: file.value, url, urlExpiresAt });
}
