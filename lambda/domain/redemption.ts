import { type EndDependencies, endToken } from './ending.ts';
import type { Refusal } from './errors.ts';
import {
  type Cidr,
  type EpochSeconds,
  epochSeconds,
  newRedemptionId,
  type RedemptionId,
  type TokenId,
} from './ids.ts';
import { whyNotOpened } from './opening.ts';
import type { Clock, MailQueue, SecondChances, SigningKeys } from './ports.ts';
import { checkPresence, type PresenceDependencies } from './presence-code.ts';
import { isGenuine } from './record-seal.ts';
import type { Delivery, Opening, TokenRecord } from './records.ts';
import { fail, ok, type Result } from './result.ts';
import { offerSecondChance, reissue, type SecondChance } from './second-chance.ts';
import { authenticateToken } from './token.ts';
import { isExpired, liveRecord, refusalFor, renewalFor } from './token-state.ts';
import type { CopyHashes } from './watermark.ts';

/** Dependencies of every redemption, apart from those that deliver the file. */
export interface RedemptionDependencies extends EndDependencies {
  readonly clock: Clock;
  readonly keys: SigningKeys;
  readonly store: PresenceDependencies['store'];
  readonly presenceKey?: PresenceDependencies['presenceKey'];
  readonly queue: Pick<MailQueue, 'sendNotice'>;
  readonly isAllowedFrom: IsAllowedFrom;
  /** Absent if the deployment gives no second chances. */
  readonly secondChances?: SecondChances | undefined;
}

/** Tells whether one of the networks contains the address. A malformed address is in none of them. */
export type IsAllowedFrom = (networks: readonly Cidr[], sourceAddress: string) => boolean;

export interface RedeemRequest {
  readonly token: string;
  /** How the caller opens the link: with a button or a client's POST, or with a program's GET. */
  readonly opening: Opening;
  /** What was typed as the presence code, for links that ask for one. */
  readonly code?: string | undefined;
  /** Set if the request came through the operator's reverse proxy. */
  readonly throughProxy?: true;
  /** Set if the request is for a part of the file. */
  readonly wantsPart?: true;
  /** Returns the secret that the request has from an earlier redemption of this token. */
  readonly secretFor?: (tokenId: TokenId) => string | undefined;
  readonly sourceAddress: string;
  readonly userAgent: string;
}

/** Tells why a token was not redeemed by this request. */
export type NotRedeemed =
  | Refusal
  /** A program's GET met a link that a person must confirm. Nothing was spent; the page is the next step. */
  | { readonly code: 'confirm_first' }
  /** The link is delivered at another address, or through the proxy only. Nothing was spent. */
  | { readonly code: 'wrong_delivery'; readonly delivery: Delivery };

/** Represents a token that this attempt has redeemed, or whose file it may hand out again. No other attempt redeems it. */
export interface Redeemed<Ready> {
  readonly record: TokenRecord;
  readonly redemptionId: RedemptionId;
  readonly at: Date;
  readonly ready: Ready;
  /** The redeemer's secret for a second chance. Never log or store it. */
  readonly secret?: string | undefined;
  /** Set if the token was redeemed before, and this is a part of its second chance. */
  readonly reissued?: true | undefined;
}

/** Says what a redemption handed out, so that it is handed out again in just that way. */
type HandedOut = Pick<SecondChance, 'versionId' | 'stampedAt'>;

/** The file that a second chance hands out again. */
export interface Reissue {
  readonly versionId: string;
  readonly stampedAt: EpochSeconds | undefined;
  readonly until: EpochSeconds;
}

/** Describes one way to hand out the file. */
export interface DeliveryMethod<Ready> {
  /** The deliveries of the links that can be redeemed in this way. */
  readonly deliveries: readonly Delivery[];
  /** Runs steps 4 and 5: finds the promised file and makes everything ready to hand it out. */
  readonly prepare: (
    record: TokenRecord,
    redemptionId: RedemptionId,
    again?: Reissue,
  ) => Promise<Result<Ready, Refusal>>;
  /** Returns what a second chance has to hand out again. */
  readonly handedOut: (ready: Ready) => HandedOut;
  /** Returns the hashes of the copy, if one was made. */
  readonly hashesOf?: (ready: Ready) => CopyHashes;
  /** Frees what `prepare` holds if this attempt does not win. */
  readonly release?: (ready: Ready, record: TokenRecord) => Promise<void>;
}

/** Redeems a token, or hands out its file again if the request has a second chance. */
export async function redeemOrReissue<Ready>(
  deps: RedemptionDependencies,
  request: RedeemRequest,
  way: DeliveryMethod<Ready>,
): Promise<Result<Redeemed<Ready>, NotRedeemed>> {
  const redeemed = await redeem(deps, request, way);
  if (redeemed.ok || deps.secondChances === undefined || !isOver(redeemed.error)) return redeemed;
  return (await reissue(deps, deps.secondChances, request, way)) ?? redeemed;
}

function isOver({ code }: NotRedeemed): boolean {
  return code === 'token_redeemed' || code === 'token_expired';
}

/**
 * Redeems a token in the eight steps of docs/protocol.md. Whatever can be checked is checked before the receipt is put.
 * The receipt decides; what comes after it cannot change the outcome.
 *
 * @throws Unavailable if a service was down: nothing is spent, or (if it is unknown whether the receipt was put) the
 *   token is spent and nobody has the file
 */
async function redeem<Ready>(
  deps: RedemptionDependencies,
  request: RedeemRequest,
  { deliveries, prepare, handedOut, hashesOf, release }: DeliveryMethod<Ready>,
): Promise<Result<Redeemed<Ready>, NotRedeemed>> {
  const { token, code, sourceAddress, userAgent } = request;
  // Step 1: the signature and the expiry, before any table is read.
  const started = epochSeconds(deps.clock());
  const authentic = await authenticateToken(token, deps.keys, started);
  if (!authentic.ok) return authentic;
  const { claims, key } = authentic.value;
  const { tokenId, expiresAt } = claims;
  if (isExpired(expiresAt, started)) return fail({ code: 'token_expired', at: expiresAt, renewal: 'none' });

  // Step 2: what is known of the token. A receipt wins over a record.
  const live = liveRecord(claims, await deps.store.find(tokenId));
  if (!live.ok) return live;
  const record = live.value;
  if (!isGenuine(record, key) || record.files) return fail({ code: 'token_unknown' });

  // Step 3: where the request comes from, whether the link may be opened this way, and the presence code.
  const notOpened = whyNotOpened(deps.isAllowedFrom, record, request, deliveries);
  if (notOpened !== undefined) return fail(notOpened);
  const redemptionId = newRedemptionId();
  const present = await checkPresence(deps, record, code, redemptionId);
  if (!present.ok) return present;

  // Steps 4 and 5: the promised file, ready to hand out. What fetches it names this attempt.
  const prepared = await prepare(record, redemptionId);
  if (!prepared.ok) return prepared;
  const ready = prepared.value;
  let won = false;
  try {
    // Step 6: the time again, because the steps before may have been slow. Then the receipt decides.
    const at = deps.clock();
    if (isExpired(expiresAt, epochSeconds(at))) {
      return fail({ code: 'token_expired', at: expiresAt, renewal: renewalFor(record.issuedBy) });
    }
    // Steps 7 and 8, which delete the record and write the ledger, follow the receipt in there.
    const standing = await endToken(deps, record, {
      kind: 'redeemed',
      at,
      redemptionId,
      sourceAddress,
      userAgent,
      ...hashesOf?.(ready),
    });
    if (standing.redemptionId !== redemptionId) return fail(refusalFor(standing));
    if (record.wantsNotice) await sendNoticeOrReport(deps, record);
    won = true;
    const secret = await offerSecondChance(deps, { record, redemptionId, ...handedOut(ready) }, standing);
    return ok({ record, redemptionId, at, ready, secret });
  } finally {
    if (!won) await release?.(ready, record);
  }
}

async function sendNoticeOrReport(
  { queue, report }: RedemptionDependencies,
  { tokenId }: TokenRecord,
): Promise<void> {
  try {
    await queue.sendNotice(tokenId);
  } catch (cause) {
    report({ incident: 'notice-failed', tokenId }, cause);
  }
}
