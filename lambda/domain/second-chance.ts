import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { appendOrReport } from './ending.ts';
import {
  type EpochSeconds,
  epochSeconds,
  newRedemptionId,
  type RedemptionId,
  secondsAfter,
  type TokenId,
} from './ids.ts';
import { type InspectDependencies, readToken } from './inspect-token.ts';
import { whyNotOpened } from './opening.ts';
import type { Clock, Ledger, Report, SecondChances, SigningKeys, TokenStore } from './ports.ts';
import { isGenuine } from './record-seal.ts';
import type { Receipt, TokenRecord } from './records.ts';
import type { DeliveryMethod, IsAllowedFrom, NotRedeemed, Redeemed, RedeemRequest } from './redemption.ts';
import { fail, ok, type Result } from './result.ts';
import { authenticateToken } from './token.ts';
import { isExpired, isTokenOf } from './token-state.ts';

/*
 * Second chance: a person who redeemed a link but lost the connection can get the same file again. The receipt does not
 * change. A separate row stores what was handed out, and the hash of a secret that only the redeemer has.
 */

/** Duration of a second chance after the redemption, in seconds. */
export const SECOND_CHANCE_SECONDS = 600;

/** Maximum number of reissues. */
export const MOST_REISSUES = 3;

/** Row of a second chance: the file that was handed out, and the hash of the secret that is needed to get it again. */
export interface SecondChance {
  readonly tokenId: TokenId;
  /** Attempt that redeemed the token. */
  readonly redemptionId: RedemptionId;
  /** The record at the time of the redemption, with its seal. */
  readonly record: TokenRecord;
  /** Version of the file that was handed out. */
  readonly versionId: string;
  /** Time shown on each page of the copy, if it was stamped. */
  readonly stampedAt?: EpochSeconds;
  /** SHA-256 of the redeemer's secret, in hex. The secret itself is not stored. */
  readonly secretSha256: string;
  /** Number of reissues so far. */
  readonly used: number;
  /** First second in which the second chance is over; also the row's TTL. */
  readonly expiresAt: EpochSeconds;
}

/** Row for a token: its second chance, or a marker that the second chance was ended early. */
export type ChanceRow = SecondChance | { readonly ended: true };

/** Returns the first second in which the second chance is over. */
export function endOfSecondChance({ at }: Pick<Receipt, 'at'>): EpochSeconds {
  return secondsAfter(at, SECOND_CHANCE_SECONDS);
}

/**
 * Returns whether a link has a second chance. By default, direct links have none, because programs can request a new
 * link themselves. Links with a watermark have none, so that each copy is handed out only once. The issuer can override
 * both defaults.
 */
function hasSecondChance({ secondChance, open, delivery }: TokenRecord): boolean {
  return secondChance ?? (open === 'confirm' && delivery !== 'watermark');
}

/** Returns the duration of a link's second chance, in seconds; `undefined` if the link has none. */
export function secondChanceSeconds(
  { secondChances }: { readonly secondChances?: unknown },
  record: TokenRecord,
): number | undefined {
  return secondChances !== undefined && hasSecondChance(record) ? SECOND_CHANCE_SECONDS : undefined;
}

/**
 * Returns the second chance of a redeemed token if the file can still be reissued. The receipt determines when the
 * second chance ends, because nobody can rewrite a receipt.
 */
export function openChance(
  row: ChanceRow | undefined,
  receipt: Receipt | undefined,
  now: EpochSeconds,
): SecondChance | undefined {
  if (row === undefined || 'ended' in row || receipt?.kind !== 'redeemed') return undefined;
  const isTheirs = row.redemptionId === receipt.redemptionId;
  const isOver = isExpired(row.expiresAt, now) || isExpired(endOfSecondChance(receipt), now);
  return isTheirs && !isOver && row.used < MOST_REISSUES ? row : undefined;
}

interface OfferDependencies {
  readonly report: Report;
  /** Absent if second chances are turned off. */
  readonly secondChances?: Pick<SecondChances, 'put'> | undefined;
}

/**
 * Creates the second chance of a redemption that has won. If this fails, the redemption stands, but has no second
 * chance.
 *
 * @returns the secret for the response, 43 characters of base64url. Never log or store it.
 */
export async function offerSecondChance(
  { secondChances, report }: OfferDependencies,
  given: Pick<SecondChance, 'record' | 'redemptionId' | 'versionId' | 'stampedAt'>,
  receipt: Pick<Receipt, 'at'>,
): Promise<string | undefined> {
  const { record } = given;
  const { tokenId } = record;
  if (secondChances === undefined || !hasSecondChance(record)) return undefined;
  const secret = randomBytes(32).toString('base64url');
  const expiresAt = endOfSecondChance(receipt);
  const chance = { ...given, tokenId, secretSha256: sha256(secret).toString('hex'), used: 0, expiresAt };
  try {
    return (await secondChances.put(chance)) === 'put' ? secret : undefined;
  } catch (cause) {
    report({ incident: 'second-chance-failed', tokenId }, cause);
    return undefined;
  }
}

/** Returns the current second chance of a redeemed link; `undefined` if the link has none. Changes nothing. */
export async function findSecondChance(
  deps: InspectDependencies,
  secondChances: Pick<SecondChances, 'find'>,
  token: string,
): Promise<SecondChance | undefined> {
  const reading = await readToken(deps, token);
  if (!reading.ok || reading.value.found.receipt === undefined) return undefined;
  const { claims, found, now } = reading.value;
  return openChance(await secondChances.find(claims.tokenId), found.receipt, now);
}

interface ReissueDependencies {
  readonly clock: Clock;
  readonly keys: SigningKeys;
  readonly store: Pick<TokenStore, 'find'>;
  readonly ledger: Ledger;
  readonly report: Report;
  readonly isAllowedFrom: IsAllowedFrom;
}

/**
 * Reissues a redeemed token's file to the browser that redeemed the token, as described in docs/protocol.md, "Second
 * chance". Everything that can be checked is checked before the reissue is counted. The count decides; later steps
 * cannot change the outcome.
 *
 * @returns `undefined` if the client has no second chance; the request then gets the ordinary response
 * @throws Unavailable if a service was down. The reissue may then have been counted, but this attempt delivers no file.
 */
export async function reissue<Ready>(
  deps: ReissueDependencies,
  secondChances: SecondChances,
  request: RedeemRequest,
  { deliveries, prepare, release }: DeliveryMethod<Ready>,
): Promise<Result<Redeemed<Ready>, NotRedeemed> | undefined> {
  // Step 1: before reading a table, check the signature, the time, and whether the client has a secret.
  const started = epochSeconds(deps.clock());
  const authentic = await authenticateToken(deps, request.token);
  if (!authentic.ok) return undefined;
  const { claims, key } = authentic.value;
  const { tokenId, expiresAt } = claims;
  const secret = request.secretFor?.(tokenId);
  if (secret === undefined || isExpired(endOfSecondChance({ at: expiresAt }), started)) return undefined;

  // Step 2: read the receipt and the second chance of this redemption. Then compare the secret.
  const [{ receipt }, row] = await Promise.all([deps.store.find(tokenId), secondChances.find(tokenId)]);
  const chance = openChance(row, receipt, started);
  if (chance === undefined || !isSecretOf(chance, secret)) return undefined;
  const { record, versionId, stampedAt, expiresAt: until } = chance;
  if (!isTokenOf(claims, record) || !isGenuine(record, key) || !hasSecondChance(record)) return undefined;

  // Step 3 of the redemption: check the network, how the link is opened, and the delivery.
  const refusal = whyNotOpened(deps.isAllowedFrom, record, request, deliveries);
  if (refusal !== undefined) return fail(refusal);

  // Steps 4 and 5 of the redemption: find the version that was handed out and prepare its delivery.
  const redemptionId = newRedemptionId();
  const prepared = await prepare(record, redemptionId, { versionId, stampedAt, until });
  if (!prepared.ok) return prepared;
  const ready = prepared.value;
  let taken: 'taken' | 'refused' = 'refused';
  try {
    // Step 6: count the reissue, if the second chance is still open now. This decides.
    const at = deps.clock();
    taken = await secondChances.take(chance, redemptionId, epochSeconds(at));
    if (taken === 'refused') return undefined;

    // Step 7: write the ledger entry.
    const { asset, recipient } = record;
    const about = { tokenId, asset: asset.name, ...(recipient && { pseudonym: recipient.pseudonym }) };
    await appendOrReport(deps, { event: 'reissued', redemptionId, at, ...about });
    return ok({ record, redemptionId, at, ready, reissued: true });
  } finally {
    if (taken === 'refused') await release?.(ready, record);
  }
}

function isSecretOf({ secretSha256 }: SecondChance, secret: string): boolean {
  return timingSafeEqual(sha256(secret), Buffer.from(secretSha256, 'hex'));
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
