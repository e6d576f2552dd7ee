import { createHmac, timingSafeEqual } from 'node:crypto';
import { type EndDependencies, endToken } from './ending.ts';
import type { Refusal } from './errors.ts';
import { epochSeconds, newRedemptionId, type PresenceCode, type RedemptionId, type TokenId } from './ids.ts';
import type { Clock, TokenStore } from './ports.ts';
import type { TokenRecord } from './records.ts';
import { fail, ok, type Result } from './result.ts';
import { isExpired, liveRecord, refusalFor, renewalFor } from './token-state.ts';

/** Returns the 32-byte key of all presence codes. It is derived when it is first needed. */
export type PresenceKey = () => Promise<Uint8Array>;

/** Limits the wrong codes of one link: with the last of them, the link ends. */
export const MOST_ATTEMPTS = 5;

/**
 * Computes the code of a link, so that it need not be stored.
 *
 * The remainder of 48 bits by a million prefers no code over another by more than 4 in 10^9.
 */
export function presenceCodeOf(tokenId: TokenId, key: Uint8Array): PresenceCode {
  const mac = createHmac('sha256', key).update(tokenId).digest();
  return String(mac.readUIntBE(0, 6) % 1_000_000).padStart(6, '0') as PresenceCode;
}

/** Reads what a person typed: six digits, with spaces or hyphens wherever people put them. */
export function parsePresenceCode(text: string): PresenceCode | undefined {
  const digits = text.replace(/[\s-]/g, '');
  return /^\d{6}$/.test(digits) ? (digits as PresenceCode) : undefined;
}

export interface PresenceDependencies extends EndDependencies {
  readonly clock: Clock;
  readonly store: Pick<TokenStore, 'find' | 'settle' | 'retire' | 'countAttempt' | 'forgetAttempt'>;
  /** Absent if the deployment has no presence codes. */
  readonly presenceKey?: PresenceKey | undefined;
}

/**
 * Checks the code of a link that asks for one. The attempt is counted before the codes are compared, so that no crash and
 * no crowd of requests gets more comparisons than {@link MOST_ATTEMPTS}. Every wrong code takes the same calls.
 *
 * @param text what was typed; empty or absent if nothing was
 * @param attempt the attempt to redeem
 * @throws Unavailable if a service was down; the attempt may then stay counted
 */
export async function checkPresence(
  deps: PresenceDependencies,
  record: TokenRecord,
  text: string | undefined,
  attempt: RedemptionId,
): Promise<Result<void, Refusal>> {
  if (!record.presenceCode) return ok(undefined);
  // The operator has turned codes off. A link that was protected does not open without protection.
  if (deps.presenceKey === undefined) return fail({ code: 'token_unknown' });
  if (text === undefined || text.trim() === '') return fail({ code: 'code_required' });
  const given = parsePresenceCode(text);
  if (given === undefined) return fail({ code: 'invalid_request', field: 'code' });

  const { tokenId } = record;
  const right = presenceCodeOf(tokenId, await deps.presenceKey());
  const counted = await deps.store.countAttempt(tokenId, attempt, MOST_ATTEMPTS);
  if (counted === 'refused') return fail(await refusalOfUncounted(deps, record));
  if (timingSafeEqual(Buffer.from(given), Buffer.from(right))) {
    // Only wrong codes count: whoever knows the code may try again, for example if the file is missing for a while.
    await deps.store.forgetAttempt(tokenId, attempt);
    return ok(undefined);
  }
  const attemptsLeft = MOST_ATTEMPTS - counted;
  return fail(attemptsLeft > 0 ? { code: 'wrong_code', attemptsLeft } : await endLink(deps, record));
}

/** Looks again why an attempt could not be counted: the link has ended, or has used up its attempts. */
async function refusalOfUncounted(deps: PresenceDependencies, record: TokenRecord): Promise<Refusal> {
  const live = liveRecord(record, await deps.store.find(record.tokenId));
  if (!live.ok) return live.error;
  // Right codes that were counted for a moment made room again.
  const counted = live.value.codeAttempts?.size ?? 0;
  if (counted < MOST_ATTEMPTS) return { code: 'unavailable', retryAfterSeconds: 1 };
  // Whoever sent the last wrong code was stopped before the link ended.
  return await endLink(deps, record);
}

/** Ends the link, unless it has ended in the meantime, and returns how it ended. */
async function endLink(deps: PresenceDependencies, record: TokenRecord): Promise<Refusal> {
  const { expiresAt, issuedBy } = record;
  const at = deps.clock();
  if (isExpired(expiresAt, epochSeconds(at))) {
    return { code: 'token_expired', at: expiresAt, renewal: renewalFor(issuedBy) };
  }
  const redemptionId = newRedemptionId();
  const ending = { kind: 'revoked', at, redemptionId, revokedBy: 'wrong-codes' } as const;
  return refusalFor(await endToken(deps, record, ending));
}
