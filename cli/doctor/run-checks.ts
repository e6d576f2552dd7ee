import pMap from 'p-map';
import { failureOf } from '../tvm/failure-of.ts';
import { type Check, type Finding, problem } from './finding.ts';

/** Together they are quick, and far below what AWS lets a caller ask. */
const AT_ONCE = 4;

/**
 * Runs all checks. One that cannot look is a problem of its own: what was not seen is not known to be well.
 *
 * @returns findings in the order of the checks
 */
export async function runChecks(checks: readonly Check[], signal: AbortSignal): Promise<readonly Finding[]> {
  const findings = await pMap(checks, (check) => looked(check, signal), { concurrency: AT_ONCE, signal });
  return findings.flat();
}

async function looked({ name, rights, look }: Check, signal: AbortSignal): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined || signal.aborted) throw error;
    return [problem(name, `could not check: ${failure.message}`, `You need ${rights.join(', ')}.`)];
  }
}
