import { authenticateToken } from './authenticate-token.ts';
import { type EndDependencies, endToken } from './ending.ts';
import { ARCHIVED, type Refusal } from './errors.ts';
import {
  type Cidr,
  type EpochSeconds,
  epochSeconds,
  newRedemptionId,
  type RedemptionId,
  secondsAfter,
} from './ids.ts';
import { refundQuota } from './mail-quota.ts';
import type { Clock, Counter, FileStore, MailQueue, OpenFile, SigningKeys, TokenStore } from './ports.ts';
import { isGenuine } from './record-seal.ts';
import type { Asset, Delivery, Opening, TokenRecord } from './records.ts';
import { fail, ok, type Result } from './result.ts';
import { SLOT_RETRY_SECONDS, type SlotDependencies, takeSlot } from './streaming.ts';
import { isExpired, liveRecord, refusalFor, renewalFor } from './token-state.ts';

/*
 * The eight steps of a redemption (docs/protocol.md), in their order. Steps 1 to 3 admit the request. Steps 4 and 5 get
 * hold of the file, as a URL (redeemToken) or as an open stream (streamToken). Steps 6 to 8 settle: the receipt decides.
 */

export interface RedeemRequest {
  readonly token: string;
  /** How the caller opens the link: with a button or a client's POST, or with a program's GET. */
  readonly opening: Opening;
  readonly sourceAddress: string;
  readonly userAgent: string;
}

/** Tells that a program's GET met a link that a person must confirm. Nothing was spent; the page is the next step. */
export interface ConfirmFirst {
  readonly code: 'confirm_first';
}

/** Tells that the link is delivered at the other address. Nothing was spent. */
export interface WrongDelivery {
  readonly code: 'wrong_delivery';
  readonly delivery: Delivery;
}

/** Tells whether one of the networks contains the address. A malformed address is in none of them. */
export type IsAllowedFrom = (networks: readonly Cidr[], sourceAddress: string) => boolean;

/** Lists what both kinds of redemption need. */
interface Dependencies extends EndDependencies {
  readonly clock: Clock;
  readonly keys: SigningKeys;
  readonly store: Pick<TokenStore, 'find'> & EndDependencies['store'];
  readonly isAllowedFrom: IsAllowedFrom;
  readonly queue: Pick<MailQueue, 'sendNotice'>;
}

export interface RedeemDependencies extends Dependencies {
  readonly files: Pick<FileStore, 'head' | 'presign'>;
  /** The lifetime of the download URL, in seconds: 5 to 300. */
  readonly downloadSeconds: number;
}

export interface StreamDependencies extends Dependencies, SlotDependencies {
  readonly files: Pick<FileStore, 'open'>;
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

/** Represents a redemption whose bytes are on their way, the only one that its token ever has. */
export interface StreamedRedemption extends Settlement {
  readonly record: TokenRecord;
  readonly file: OpenFile;
  /** The slot among the streams that it holds until the file is sent. */
  readonly slot: Counter;
}

/** Represents a token that this attempt has redeemed. No other attempt will. */
interface Settlement {
  readonly redemptionId: RedemptionId;
  readonly at: Date;
}

/**
 * Redeems a token for a download URL. Everything that can be checked is checked before the receipt is put. The receipt
 * decides; what comes after it cannot change the outcome.
 *
 * @throws Unavailable if a service was down: nothing is spent, or (if it is unknown whether the receipt was put) the
 *   token is spent and nobody has the file
 */
export async function redeemToken(
  deps: RedeemDependencies,
  request: RedeemRequest,
): Promise<Result<Redemption, Refusal | ConfirmFirst | WrongDelivery>> {
  const admitted = await admit(deps, request, 'redirect');
  if (!admitted.ok) return admitted;
  const record = admitted.value;

  // Step 4: the file exists, can be read now, and is the one that was promised.
  const file = await deps.files.head(record.asset.name);
  if (!file.ok) return fail(file.error === 'missing' ? { code: 'asset_missing' } : ARCHIVED);
  if (!isAsPromised(record, file.value)) return fail({ code: 'asset_changed' });

  // Step 5: the URL can be signed.
  const url = await deps.files.presign(file.value, deps.downloadSeconds);

  const settled = await settle(deps, record, request);
  if (!settled.ok) return settled;
  const urlExpiresAt = secondsAfter(epochSeconds(settled.value.at), deps.downloadSeconds);
  return ok({ record, asset: file.value, url, urlExpiresAt });
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
  const admitted = await admit(deps, request, 'stream');
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
    if (slot === undefined) return fail({ code: 'unavailable', retryAfterSeconds: SLOT_RETRY_SECONDS });
    const settled = await settle(deps, record, request);
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

/**
 * Runs steps 1 to 3, which spend nothing. The token must be genuine, in time and not ended, and the link must be opened
 * from an allowed network in the way it was issued for.
 *
 * @param delivery how the caller would deliver it
 */
async function admit(
  { clock, keys, store, isAllowedFrom }: Dependencies,
  { token, opening, sourceAddress }: RedeemRequest,
  delivery: Delivery,
): Promise<Result<TokenRecord, Refusal | ConfirmFirst | WrongDelivery>> {
  // Step 1: the signature and the expiry, before any table is read.
  const started = epochSeconds(clock());
  const authentic = await authenticateToken(token, keys, started);
  if (!authentic.ok) return authentic;
  const { claims, key } = authentic.value;
  const { tokenId, expiresAt } = claims;
  if (isExpired(expiresAt, started)) return fail({ code: 'token_expired', at: expiresAt, renewal: 'none' });

  // Step 2: what is known of the token. A receipt wins over a record.
  const live = liveRecord(claims, await store.find(tokenId));
  if (!live.ok) return live;
  const record = live.value;
  if (!isGenuine(record, key)) return fail({ code: 'token_unknown' });

  // Step 3: where the request comes from, and whether the link may be opened this way.
  const { allowedCidrs } = record;
  if (allowedCidrs !== undefined && !isAllowedFrom(allowedCidrs, sourceAddress)) {
    return fail({ code: 'not_allowed_from_here' });
  }
  if (opening === 'direct' && record.open === 'confirm') return fail({ code: 'confirm_first' });
  if (record.delivery !== delivery) return fail({ code: 'wrong_delivery', delivery: record.delivery });
  return ok(record);
}

/**
 * Tells whether this is the promised file. The public form promises the file of a name; a signed caller's link promises
 * one version of it.
 */
function isAsPromised({ issuedBy, asset }: TokenRecord, found: Asset): boolean {
  return issuedBy === 'public' || found.versionId === asset.versionId;
}

/**
 * Runs steps 6 to 8: checks the time again, then the receipt decides. What comes after it, including the notice to the
 * issuer, cannot change the outcome.
 *
 * @throws Unavailable if it is unknown whether the receipt was put; nobody gets the file then
 */
async function settle(
  deps: Dependencies,
  record: TokenRecord,
  { sourceAddress, userAgent }: RedeemRequest,
): Promise<Result<Settlement, Refusal>> {
  const { expiresAt, issuedBy, wantsNotice } = record;
  const at = deps.clock();
  if (isExpired(expiresAt, epochSeconds(at))) {
    return fail({ code: 'token_expired', at: expiresAt, renewal: renewalFor(issuedBy) });
  }
  const redemptionId = newRedemptionId();
  const standing = await endToken(deps, record, {
    kind: 'redeemed',
    at,
    redemptionId,
    sourceAddress,
    userAgent,
  });
  if (standing.redemptionId !== redemptionId) return fail(refusalFor(standing));
  if (wantsNotice) await sendNoticeOrReport(deps, record);
  return ok({ redemptionId, at });
}

async function sendNoticeOrReport({ queue, report }: Dependencies, { tokenId }: TokenRecord): Promise<void> {
  try {
    await queue.sendNotice(tokenId);
  } catch (cause) {
    report({ incident: 'notice-failed', tokenId }, cause);
  }
}
