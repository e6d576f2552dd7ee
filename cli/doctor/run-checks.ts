import pMap from 'p-map';
import { failureOf } from '../tvm/failure-of.ts';
import { type Check, type Finding, problem } from './finding.ts';

/** Number of checks that run at the same time, far below the point where AWS throttles callers. */
const CONCURRENCY = 4;

/**
 * Runs all checks. A check that fails to run counts as a problem.
 *
 * @returns findings in the order of the checks
 */
export async function runChecks(checks: readonly Check[], signal: AbortSignal): Promise<readonly Finding[]> {
  const findings = await pMap(checks, (check) => runCheck(check, signal), {
    concurrency: CONCURRENCY,
    signal,
  });
  return findings.flat();
}

async function runCheck(
  { name, permissions, look }: Check,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined || signal.aborted) throw error;
    return [problem(name, `could not check: ${failure.message}`, `You need ${permissions.join(', ')}.`)];
  }
}
