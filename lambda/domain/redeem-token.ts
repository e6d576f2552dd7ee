import { authenticateToken } from './authenticate-token.ts';
import { type EndDependencies, endToken } from './end-token.ts';
import { ARCHIVED, type Refusal } from './errors.ts';
import { type EpochSeconds, epochSeconds, newRedemptionId, secondsAfter } from './ids.ts';
import type { Clock, FileStore, SigningKeys, TokenStore } from './ports.ts';
import type { Asset, Opening, TokenRecord } from './records.ts';
import { fail, ok, type Result } from './result.ts';
import { isExpired, liveRecord, refusalFor, renewalFor } from './token-state.ts';

export interface RedeemDependencies extends EndDependencies {
  readonly clock: Clock;
  readonly keys: SigningKeys;
  readonly store: Pick<TokenStore, 'find' | 'settle' | 'retire'>;
  readonly files: FileStore;
  /** How long the download URL lives, in seconds: 5 to 300. */
  readonly downloadSeconds: number;
}

export interface RedeemRequest {
  readonly token: string;
  /** How the caller opens it: by a button or a client's POST, or by a program's GET. */
  readonly opening: Opening;
  readonly sourceAddress: string;
  readonly userAgent: string;
}

/** A redemption that succeeded: the only one its token ever has. */
export interface Redemption {
  readonly record: TokenRecord;
  /** The file as it is now. */
  readonly asset: Asset;
  /** Opens the file until `urlExpiresAt`. Never to be logged or stored. */
  readonly url: string;
  readonly urlExpiresAt: EpochSeconds;
}

/** A program's GET met a link that a person must confirm: nothing was spent, the page is the way onward. */
export interface ConfirmFirst {
  readonly code: 'confirm_first';
}

/**
 * Redeems a token: the steps of docs/protocol.md, in their order. Everything that can be checked is checked
 * before the receipt is put; the receipt decides; what comes after it cannot change the outcome.
 *
 * @throws Unavailable when a service was down: nothing is spent, or (when it stayed unknown whether the receipt
 *   was put) the token is spent and nobody has the file
 */
export async function redeemToken(
  deps: RedeemDependencies,
  request: RedeemRequest,
): Promise<Result<Redemption, Refusal | ConfirmFirst>> {
  // Step 1: the signature and the expiry, before any table is read.
  const started = epochSeconds(deps.clock());
  const authentic = await authenticateToken(request.token, deps.keys, started);
  if (!authentic.ok) return authentic;
  const { tokenId, expiresAt } = authentic.value;
  if (isExpired(expiresAt, started)) return fail({ code: 'token_expired', at: expiresAt, renewal: 'none' });

  // Step 2: what is known of it; the receipt wins.
  const live = liveRecord(authentic.value, await deps.store.find(tokenId));
  if (!live.ok) return live;
  const record = live.value;

  // Step 3: opened as it was issued to be.
  if (request.opening === 'direct' && record.open === 'confirm') return fail({ code: 'confirm_first' });

  // Step 4: the file is there, can be read now, and is the one that was promised.
  const file = await deps.files.head(record.asset.name);
  if (!file.ok) return fail(file.error === 'missing' ? { code: 'asset_missing' } : ARCHIVED);
  if (isPinned(record) && file.value.versionId !== record.asset.versionId) {
    return fail({ code: 'asset_changed' });
  }

  // Step 5: the URL can be signed.
  const url = await deps.files.presign(file.value, deps.downloadSeconds);

  // Step 6: still in time? Then the receipt decides; steps 7 and 8 follow it.
  const now = epochSeconds(deps.clock());
  if (isExpired(expiresAt, now)) {
    return fail({ code: 'token_expired', at: expiresAt, renewal: renewalFor(record.issuedBy) });
  }
  const redemptionId = newRedemptionId();
  const { sourceAddress, userAgent } = request;
  const standing = await endToken(deps, record, {
    kind: 'redeemed',
    at: now,
    redemptionId,
    sourceAddress,
    userAgent,
  });
  if (standing.redemptionId !== redemptionId) return fail(refusalFor(standing));
  return ok({ record, asset: file.value, url, urlExpiresAt: secondsAfter(now, deps.downloadSeconds) });
}

/** The public form promises the file of that name; a signed caller promised one version of it. */
function isPinned(record: TokenRecord): boolean {
  return record.issuedBy !== 'public';
}
