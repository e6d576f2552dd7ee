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

/** Tells whether one of the networks contains the address. A malformed address is in none of them. */
type IsAllowedFrom = (networks: readonly Cidr[], sourceAddress: string) => boolean;

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

/**
 * Runs steps 1 to 3 of a redemption (docs/protocol.md), which spend nothing. The token must be genuine, in time and not
 * ended, and the link must be opened from an allowed network in the way it was issued for.
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
export function isAsPromised({ issuedBy, asset }: TokenRecord, found: Asset): boolean {
  return issuedBy === 'public' || found.versionId === asset.versionId;
}
