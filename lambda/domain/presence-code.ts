import { createHmac, timingSafeEqual } from 'node:crypto';
import { type EndDependencies, endToken } from './ending.ts';
import type { Refusal } from './errors.ts';
import { epochSeconds, newRedemptionId, type PresenceCode, type RedemptionId, type TokenId } from './ids.ts';
import type { Clock, TokenStore } from './ports.ts';
import type { TokenRecord } from './records.ts';
import { fail, ok, type Result } from './result.ts';
import { isExpired, recordUnlessEnded, refusalFor, renewalFor } from './token-state.ts';

/** Returns the 32-byte key that all presence codes are derived from. */
export type PresenceKey = () => Promise<Uint8Array>;

/** Number of wrong codes after which a link ends. */
export const MOST_ATTEMPTS = 5;

/**
 * Computes the presence code of a link, so that it does not have to be stored. Taking 48 bits modulo a million favors
 * no code over another by more than 4 in 10^9.
 */
export function presenceCodeOf(tokenId: TokenId, key: Uint8Array): PresenceCode {
  const mac = createHmac('sha256', key).update(tokenId).digest();
  return String(mac.readUIntBE(0, 6) % 1_000_000).padStart(6, '0') as PresenceCode;
}

/** Parses a typed presence code: six digits. Spaces and hyphens are ignored. */
export function parsePresenceCode(text: string): PresenceCode | undefined {
  const digits = text.replace(/[\s-]/g, '');
  return /^\d{6}$/.test(digits) ? (digits as PresenceCode) : undefined;
}

export interface PresenceDependencies extends EndDependencies {
  readonly clock: Clock;
  readonly store: Pick<TokenStore, 'find' | 'settle' | 'retire' | 'countAttempt' | 'forgetAttempt'>;
  /** Absent if presence codes are turned off. */
  readonly presenceKey?: PresenceKey | undefined;
}

/**
 * Checks the presence code if the link requires one. The attempt is counted before the codes are compared, so neither
 * crashes nor concurrent requests let anyone try more than {@link MOST_ATTEMPTS} wrong codes. All wrong codes lead to
 * the same calls to the store.
 *
 * @param text the typed code; empty or absent if there is none
 * @param attempt ID of this attempt to redeem
 * @throws Unavailable if a service was down; the attempt may then remain counted
 */
export async function checkPresence(
  deps: PresenceDependencies,
  record: TokenRecord,
  text: string | undefined,
  attempt: RedemptionId,
): Promise<Result<void, Refusal>> {
  if (!record.presenceCode) return ok(undefined);
  // The operator has turned off presence codes. Links that require one cannot be opened.
  if (deps.presenceKey === undefined) return fail({ code: 'token_unknown' });
  if (text === undefined || text.trim() === '') return fail({ code: 'code_required' });
  const given = parsePresenceCode(text);
  if (given === undefined) return fail({ code: 'invalid_request', field: 'code' });

  const { tokenId } = record;
  const right = presenceCodeOf(tokenId, await deps.presenceKey());
  const counted = await deps.store.countAttempt(tokenId, attempt, MOST_ATTEMPTS);
  if (counted === 'refused') return fail(await refusalOfUncounted(deps, record));
  if (timingSafeEqual(Buffer.from(given), Buffer.from(right))) {
    // Only wrong codes count. A redemption with the right code can be retried, for example if the file was missing.
    await deps.store.forgetAttempt(tokenId, attempt);
    return ok(undefined);
  }
  const attemptsLeft = MOST_ATTEMPTS - counted;
  return fail(attemptsLeft > 0 ? { code: 'wrong_code', attemptsLeft } : await endLink(deps, record));
}

/**
 * Returns the refusal for an attempt that could not be counted: the link has ended, its attempts are used up, or too
 * many attempts were being checked at that moment.
 */
async function refusalOfUncounted(deps: PresenceDependencies, record: TokenRecord): Promise<Refusal> {
  const live = recordUnlessEnded(record, await deps.store.find(record.tokenId));
  if (!live.ok) return live.error;
  // Some of the counted attempts had the right code, and have been removed since.
  const counted = live.value.codeAttempts?.size ?? 0;
  if (counted < MOST_ATTEMPTS) return { code: 'unavailable', retryAfterSeconds: 1 };
  // The attempt with the last wrong code crashed before it could end the link.
  return await endLink(deps, record);
}

/**
 * Revokes the link, and returns the refusal that says how it ended. If the link had already expired or ended for
 * another reason, the refusal says that instead.
 */
async function endLink(deps: PresenceDependencies, record: TokenRecord): Promise<Refusal> {
  const { expiresAt, tokenId } = record;
  const at = deps.clock();
  if (isExpired(expiresAt, epochSeconds(at))) {
    return { code: 'token_expired', at: expiresAt, renewal: renewalFor(tokenId) };
  }
  const redemptionId = newRedemptionId();
  const ending = { kind: 'revoked', at, redemptionId, revokedBy: 'wrong-codes' } as const;
  return refusalFor(await endToken(deps, record, ending));
}
