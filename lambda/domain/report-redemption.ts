import type { Refusal } from './errors.ts';
import type { TokenId } from './ids.ts';
import { type InspectDependencies, readToken } from './inspect-token.ts';
import type { Appended, Ledger, Report, SecondChances } from './ports.ts';
import type { LedgerEntry } from './records.ts';
import { fail, ok, type Result } from './result.ts';
import { endOfSecondChance } from './second-chance.ts';

export interface ReportRedemptionDependencies extends InspectDependencies {
  readonly ledger: Ledger;
  readonly report: Report;
  /** Absent if second chances are turned off. */
  readonly secondChances?: Pick<SecondChances, 'end'> | undefined;
}

/**
 * Records that somebody else redeemed the link, as reported by the holder of a genuine token. Each redemption can be
 * reported only once, because the time of the redemption is part of the entry's key. The report also ends the second
 * chance.
 *
 * @returns the token ID, and whether this is the first report
 * @throws Unavailable if a service is down
 */
export async function reportRedemption(
  deps: ReportRedemptionDependencies,
  token: string,
): Promise<Result<{ readonly tokenId: TokenId; readonly noted: Appended }, Refusal>> {
  const reading = await readToken(deps, token);
  if (!reading.ok) return reading;
  const { claims, found } = reading.value;
  const { tokenId } = claims;
  if (found.receipt?.kind !== 'redeemed') return fail({ code: 'token_unknown' });
  await deps.secondChances?.end(tokenId, endOfSecondChance(found.receipt));
  const at = new Date(found.receipt.at * 1000);
  const noted = await append(deps, { event: 'reported', tokenId, at, asset: found.receipt.asset });
  return ok({ tokenId, noted });
}

/**
 * Appends the entry. A failure is reported to the operator even though the holder can try again: if only the response
 * was lost, the entry exists, and the next report would raise no alarm.
 */
async function append(
  { ledger, report }: Pick<ReportRedemptionDependencies, 'ledger' | 'report'>,
  entry: LedgerEntry,
): Promise<Appended> {
  try {
    return await ledger.append(entry);
  } catch (cause) {
    report({ incident: 'report-failed', tokenId: entry.tokenId }, cause);
    throw cause;
  }
}
