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
import { isExpired, recordUnlessEnded, refusalFor, renewalFor } from './token-state.ts';
import type { CopyHashes } from './watermark.ts';

/** Dependencies that all redemptions share. Each delivery adds its own. */
export interface RedemptionDependencies extends EndDependencies {
  readonly clock: Clock;
  readonly keys: SigningKeys;
  readonly store: PresenceDependencies['store'];
  readonly presenceKey?: PresenceDependencies['presenceKey'];
  readonly queue: Pick<MailQueue, 'sendNotice'>;
  readonly isAllowedFrom: IsAllowedFrom;
  /** Absent if second chances are turned off. */
  readonly secondChances?: SecondChances | undefined;
}

/** Returns whether one of the networks contains the address. A malformed address is in none of them. */
export type IsAllowedFrom = (networks: readonly Cidr[], sourceAddress: string) => boolean;

export interface RedeemRequest {
  readonly token: string;
  /** `confirm`: the button on the page, or a client's POST. `direct`: a program's GET. */
  readonly opening: Opening;
  /** The presence code as typed, for links that require one. */
  readonly code?: string | undefined;
  readonly throughProxy?: true;
  /** Set if the request is for only part of the file. */
  readonly wantsPart?: true;
  /** Returns the secret that an earlier redemption of this token gave to this client. */
  readonly secretFor?: (tokenId: TokenId) => string | undefined;
  readonly sourceAddress: string;
  readonly userAgent: string;
}

/** Reason why this request did not redeem the token. */
export type NotRedeemed =
  | Refusal
  /** A program sent a GET for a link that a person must confirm. Nothing was spent; the client is sent to the page. */
  | { readonly code: 'confirm_first' }
  /** The file is delivered by a different endpoint, or only through the proxy. Nothing was spent. */
  | { readonly code: 'wrong_delivery'; readonly delivery: Delivery };

/** Token that this attempt has redeemed, or whose file it reissues. No other attempt can redeem the token. */
export interface Redeemed<Ready> {
  readonly record: TokenRecord;
  readonly redemptionId: RedemptionId;
  readonly at: Date;
  readonly ready: Ready;
  /** Secret that entitles the client to a second chance. Never log or store it. */
  readonly secret?: string | undefined;
  /** Set if this is a reissue, which means that the token was redeemed earlier. */
  readonly reissued?: true | undefined;
}

/** Properties of the delivered file that a reissue must reproduce. */
type HandedOut = Pick<SecondChance, 'versionId' | 'stampedAt'>;

/** File that a second chance hands out again. */
export interface Reissue {
  readonly versionId: string;
  readonly stampedAt: EpochSeconds | undefined;
  readonly until: EpochSeconds;
}

/** Implementation of one or more deliveries. */
export interface DeliveryMethod<Ready> {
  readonly deliveries: readonly Delivery[];
  /** Runs steps 4 and 5: finds the promised file and prepares its delivery. */
  readonly prepare: (
    record: TokenRecord,
    redemptionId: RedemptionId,
    again?: Reissue,
  ) => Promise<Result<Ready, Refusal>>;
  readonly handedOut: (ready: Ready) => HandedOut;
  /** Returns the hashes of the stamped copy, if one was made. */
  readonly hashesOf?: (ready: Ready) => CopyHashes;
  /** Releases the resources that `prepare` took, if this attempt does not win. */
  readonly release?: (ready: Ready, record: TokenRecord) => Promise<void>;
}

/** Redeems a token, or reissues its file if the client has a second chance. */
export async function redeemOrReissue<Ready>(
  deps: RedemptionDependencies,
  request: RedeemRequest,
  way: DeliveryMethod<Ready>,
): Promise<Result<Redeemed<Ready>, NotRedeemed>> {
  const redeemed = await redeem(deps, request, way);
  if (redeemed.ok || deps.secondChances === undefined || !isReissuable(redeemed.error)) return redeemed;
  return (await reissue(deps, deps.secondChances, request, way)) ?? redeemed;
}

/** Returns whether a second chance can follow this refusal. */
function isReissuable({ code }: NotRedeemed): boolean {
  return code === 'token_redeemed' || code === 'token_expired';
}

/**
 * Redeems a token in the eight steps of docs/protocol.md. Everything that can be checked is checked before the receipt
 * is written. The receipt decides; later steps cannot change the outcome.
 *
 * @throws Unavailable if a service was down. Usually, the token is still live then. If it is unknown whether the
 *   receipt was written, the token may be spent even though nobody got the file.
 */
async function redeem<Ready>(
  deps: RedemptionDependencies,
  request: RedeemRequest,
  { deliveries, prepare, handedOut, hashesOf, release }: DeliveryMethod<Ready>,
): Promise<Result<Redeemed<Ready>, NotRedeemed>> {
  const { token, code, sourceAddress, userAgent } = request;
  // Step 1: check the signature and the expiry before reading a table.
  const started = epochSeconds(deps.clock());
  const authentic = await authenticateToken(deps, token);
  if (!authentic.ok) return authentic;
  const { claims, key } = authentic.value;
  const { tokenId, expiresAt } = claims;
  const expired = { code: 'token_expired', at: expiresAt, renewal: renewalFor(tokenId) } as const;
  if (isExpired(expiresAt, started)) return fail(expired);

  // Step 2: read the record and the receipt. The receipt takes precedence.
  const live = recordUnlessEnded(claims, await deps.store.find(tokenId));
  if (!live.ok) return live;
  const record = live.value;
  if (!isGenuine(record, key) || record.files) return fail({ code: 'token_unknown' });

  // Step 3: check the network, how the link is opened, the delivery, and the presence code.
  const notOpened = whyNotOpened(deps.isAllowedFrom, record, request, deliveries);
  if (notOpened !== undefined) return fail(notOpened);
  const redemptionId = newRedemptionId();
  const present = await checkPresence(deps, record, code, redemptionId);
  if (!present.ok) return present;

  // Steps 4 and 5: find the promised file and prepare its delivery. Requests to S3 carry the ID of this attempt.
  const prepared = await prepare(record, redemptionId);
  if (!prepared.ok) return prepared;
  const ready = prepared.value;
  let won = false;
  try {
    // Step 6: check the expiry again, because earlier steps may have been slow. Then put the receipt, which decides.
    const at = deps.clock();
    if (isExpired(expiresAt, epochSeconds(at))) return fail(expired);
    // `endToken` also runs steps 7 and 8: it deletes the record and writes the ledger entry.
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
