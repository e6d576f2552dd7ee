import type { AssetName } from './asset-name.ts';
import type { Refusal } from './errors.ts';
import { type EpochSeconds, epochSeconds, type ProofId, type Pseudonym } from './ids.ts';
import { DAY_SECONDS } from './lifetime.ts';
import { tryRefund } from './mail-quota.ts';
import type { Clock, Counter, Pseudonyms, Quota } from './ports.ts';
import type { FormLimits } from './quota-rules.ts';
import { fail, ok, type Result } from './result.ts';

/** Share of a source's hourly requests, and of the form's daily e-mails, for which no proof of work is needed. */
const UNPROVEN_SHARE = { auto: 1 / 2, always: 1 / 10 } as const;

/**
 * Policy that determines which requests to the form need a proof of work. `auto`: those beyond half of the source's
 * hourly limit or half of the form's daily e-mails. `always`: those beyond a tenth of either. That first tenth is left
 * for browsers without JavaScript.
 */
export type ProofPolicy = keyof typeof UNPROVEN_SHARE;

/** Lifetime of a challenge, in seconds: long enough for a slow phone to solve it. */
export const CHALLENGE_SECONDS = 600;

/** Challenge in ALTCHA's format. Solving it takes a browser a few seconds. */
export interface Challenge {
  readonly parameters: object;
  readonly signature?: string;
}

/** Creates challenges and checks their solutions. Nothing is stored. */
export interface Challenges {
  create(asset: AssetName, expiresAt: EpochSeconds): Promise<Challenge>;
  /**
   * Returns the ID of the challenge that a proof solves.
   *
   * @returns `undefined` if the challenge is not solved, was not created by us for this file, has expired, or does not
   *   have the current parameters
   */
  solvedBy(proof: string, asset: AssetName, now: EpochSeconds): Promise<ProofId | undefined>;
}

type ProofLimits = Pick<FormLimits, 'sourcePerHour' | 'formMailsPerDay'>;

export interface ProofNeedDependencies {
  readonly quota: Pick<Quota, 'look'>;
  readonly pseudonyms: Pseudonyms;
  readonly limits: ProofLimits;
  readonly policy: ProofPolicy;
}

export interface ProofDependencies extends Omit<ProofNeedDependencies, 'quota'> {
  readonly clock: Clock;
  readonly quota: Pick<Quota, 'take' | 'refund'>;
  readonly challenges: Pick<Challenges, 'solvedBy'>;
}

/** Returns the number of requests per hour that one source can make without a proof of work. */
export function unprovenPerHour(
  { sourcePerHour }: Pick<ProofLimits, 'sourcePerHour'>,
  policy: ProofPolicy,
): number {
  return Math.ceil(sourcePerHour * UNPROVEN_SHARE[policy]);
}

/** Returns whether the next request of a source needs a proof. Counts nothing. */
export async function needsProof(deps: ProofNeedDependencies, source: string | undefined): Promise<boolean> {
  if (deps.policy === 'always') return true;
  if (source === undefined) return false;
  const looked = await Promise.all(
    unproven(await deps.pseudonyms.of('source', source), deps).map((counter) => deps.quota.look(counter)),
  );
  return looked.some(({ taken }) => !taken);
}

export interface ProvenRequest {
  readonly asset: AssetName;
  /** Solution that was sent with the request, if any; may be empty. */
  readonly proof?: string | undefined;
  /** Source of the request; absent if the IP address is unknown. */
  readonly source?: string | undefined;
}

/**
 * Runs `work` if the request is admitted, either by spending its proof or by counting it as a request without one. A
 * conditional write ensures that each proof is used only once. If `work` throws, the counters are refunded, so that the
 * same request can be sent again.
 *
 * @throws Unavailable if a service is down
 */
export async function whenProven<T>(
  deps: ProofDependencies,
  request: ProvenRequest,
  work: () => Promise<Result<T, Refusal>>,
): Promise<Result<T, Refusal>> {
  const { quota } = deps;
  const admitted = await admit(deps, request);
  if (!admitted.ok) return admitted;
  try {
    return await work();
  } catch (cause) {
    await tryRefund(quota, admitted.value);
    throw cause;
  }
}

/**
 * Admits a request, and returns the counters that it was counted in. A request without a proof from an unknown source
 * is not counted.
 */
async function admit(
  deps: ProofDependencies,
  { asset, proof = '', source }: ProvenRequest,
): Promise<Result<readonly Counter[], Refusal>> {
  if (proof !== '') {
    const solved = await deps.challenges.solvedBy(proof, asset, epochSeconds(deps.clock()));
    const counter = solved && spending(solved);
    const isFirst = counter !== undefined && (await deps.quota.take(counter)).taken;
    return isFirst ? ok([counter]) : fail({ code: 'proof_refused' });
  }
  if (source === undefined) return ok([]);
  const counters: Counter[] = [];
  for (const counter of unproven(await deps.pseudonyms.of('source', source), deps)) {
    const counted = await deps.quota.take(counter);
    if (!counted.taken) return fail({ code: 'proof_required', retryAfterSeconds: counted.retryAfterSeconds });
    counters.push(counter);
  }
  return ok(counters);
}

/** Returns the counters of requests without a proof of work: one for the source, and one for all sources. */
function unproven(
  source: Pseudonym,
  { limits, policy }: Pick<ProofDependencies, 'limits' | 'policy'>,
): readonly Counter[] {
  const ofAll = Math.ceil(limits.formMailsPerDay * UNPROVEN_SHARE[policy]);
  return [
    { name: `source-unproven/${source}`, limit: unprovenPerHour(limits, policy), windowSeconds: 3600 },
    { name: 'form-unproven', limit: ofAll, windowSeconds: DAY_SECONDS },
  ];
}

/** Returns the counter that allows a proof to be used only once. The counter outlives the proof. */
function spending(proof: ProofId): Counter {
  return { name: `form-proof/${proof}`, limit: 1, windowSeconds: 2 * CHALLENGE_SECONDS };
}
