import type { RefusalOf } from './errors.ts';
import type { CallerId, TokenId } from './ids.ts';
import type { Counter, Quota, Report } from './ports.ts';
import { callerMailCounter, type ProgramLimits, programMailCounter } from './quota-rules.ts';
import { fail, ok, type Result } from './result.ts';

export interface RefundDependencies {
  readonly quota: Quota;
  readonly report: Report;
}

export interface ProgramMailDependencies extends RefundDependencies {
  readonly limits: ProgramLimits;
}

/**
 * Counts an e-mail that an IAM caller causes, first against the caller and then against all callers together, so that
 * no caller uses more than its share.
 *
 * @param tokenId the link that the e-mail is about
 * @returns the counters to refund if the e-mail cannot be sent
 */
export async function countProgramMail(
  deps: ProgramMailDependencies,
  caller: CallerId,
  tokenId: TokenId,
): Promise<Result<readonly Counter[], RefusalOf<'quota_exceeded' | 'unavailable'>>> {
  const { quota, limits } = deps;
  const own = callerMailCounter(caller, limits);
  const byCaller = await quota.take(own);
  if (!byCaller.taken) return fail({ code: 'quota_exceeded', retryAfterSeconds: byCaller.retryAfterSeconds });
  try {
    const all = programMailCounter(limits);
    const byAll = await quota.take(all);
    if (byAll.taken) return ok([own, all]);
    await refundQuota(deps, [own], tokenId);
    return fail({ code: 'unavailable', retryAfterSeconds: byAll.retryAfterSeconds });
  } catch (cause) {
    await refundQuota(deps, [own], tokenId);
    throw cause;
  }
}

/** Refunds counters, and reports each one that could not be refunded. */
export async function refundQuota(
  { quota, report }: RefundDependencies,
  counters: readonly Counter[],
  tokenId: TokenId,
): Promise<void> {
  for (const counter of counters) {
    try {
      await quota.refund(counter);
    } catch (cause) {
      report({ incident: 'quota-return-failed', tokenId }, cause);
    }
  }
}

/** Refunds counters, and ignores failures, because the counters' windows end anyway. */
export async function tryRefund(quota: Pick<Quota, 'refund'>, counters: readonly Counter[]): Promise<void> {
  await Promise.allSettled(counters.map((counter) => quota.refund(counter)));
}
