import { authenticateToken } from './authenticate-token.ts';
import type { Refusal } from './errors.ts';
import { type Cidr, epochSeconds } from './ids.ts';
import type { Clock, SigningKeys, TokenStore } from './ports.ts';
import { isGenuine } from './record-seal.ts';
import type { Asset, Delivery, Opening, TokenRecord } from './records.ts';
import { fail, ok, type Result } from './result.ts';
import { isExpired, liveRecord } from './token-state.ts';

export interface AdmitDependencies {
  readonly clock: Clock;
  readonly keys: SigningKeys;
  readonly store: Pick<TokenStore, 'find'>;
  readonly isAllowedFrom: IsAllowedFrom;
}

/** Whether one of the networks has the address; an address that is none lies in none of them. */
type IsAllowedFrom = (networks: readonly Cidr[], sourceAddress: string) => boolean;

export interface RedeemRequest {
  readonly token: string;
  /** How the caller opens it: by a button or a client's POST, or by a program's GET. */
  readonly opening: Opening;
  readonly sourceAddress: string;
  readonly userAgent: string;
}

/** A program's GET met a link that a person must confirm: nothing was spent, the page is the way onward. */
export interface ConfirmFirst {
  readonly code: 'confirm_first';
}

/** Tells that the link is delivered at the other address. Nothing was spent. */
export interface WrongDelivery {
  readonly code: 'wrong_delivery';
  readonly delivery: Delivery;
}

/**
 * Steps 1 to 3 of a redemption (docs/protocol.md), which spend nothing: the token is genuine and in time, has not
 * ended, and is opened from where and as it was issued to be.
 *
 * @param delivery how the caller would deliver it
 */
export async function admitRedemption(
  { clock, keys, store, isAllowedFrom }: AdmitDependencies,
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

  // Step 2: what is known of it; the receipt wins.
  const live = liveRecord(claims, await store.find(tokenId));
  if (!live.ok) return live;
  const record = live.value;
  if (!isGenuine(record, key)) return fail({ code: 'token_unknown' });

  // Step 3: from where, and as it was issued to be.
  const { allowedCidrs } = record;
  if (allowedCidrs !== undefined && !isAllowedFrom(allowedCidrs, sourceAddress)) {
    return fail({ code: 'not_allowed_from_here' });
  }
  if (opening === 'direct' && record.open === 'confirm') return fail({ code: 'confirm_first' });
  if (record.delivery !== delivery) return fail({ code: 'wrong_delivery', delivery: record.delivery });
  return ok(record);
}

/**
 * Whether the file is the one that was promised: the public form promises the file of that name, a signed caller one
 * version of it.
 */
export function isAsPromised({ issuedBy, asset }: TokenRecord, found: Asset): boolean {
  return issuedBy === 'public' || found.versionId === asset.versionId;
}
