import type { AssetName } from './asset-name.ts';
import type { Refusal } from './errors.ts';
import { type EpochSeconds, epochSeconds, type ProofId, type Pseudonym } from './ids.ts';
import type { Clock, Counter, Pseudonyms, Quota } from './ports.ts';
import type { FormLimits } from './quota-rules.ts';
import { fail, ok, type Result } from './result.ts';

/** The share of a source's requests that need no proof of work, by when the operator wants one. */
const UNPROVEN_SHARE = { auto: 1 / 2, always: 1 / 10 } as const;

/**
 * When requests to the form have to come with a proof of work: once a source has made half of its requests without one
 * (`auto`), or from the beginning (`always`). Browsers without JavaScript have a tenth of the requests even then.
 */
export type ProofPolicy = keyof typeof UNPROVEN_SHARE;

/** How long a challenge can be solved and sent, in seconds: enough for a slow phone. */
export const CHALLENGE_SECONDS = 600;

/** Holds a puzzle that takes a browser some seconds, in the form of ALTCHA's protocol. */
export interface Challenge {
  readonly parameters: object;
  readonly signature?: string;
}

/** Makes challenges and checks their solutions. None is stored. */
export interface Challenges {
  create(asset: AssetName, expiresAt: EpochSeconds): Promise<Challenge>;
  /**
   * Returns the ID of the challenge that a proof solves.
   *
   * @returns `undefined` unless the challenge is ours, for this file, as hard as those of today, still valid, and solved
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

/** Returns the requests an hour that one source may make without a proof of work. */
export function unprovenPerHour(
  { sourcePerHour }: Pick<ProofLimits, 'sourcePerHour'>,
  policy: ProofPolicy,
): number {
  return Math.ceil(sourcePerHour * UNPROVEN_SHARE[policy]);
}

/** Tells whether the next request of a source needs a proof. Counts nothing. */
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
  /** The solution that came with the request; empty or absent if there was none. */
  readonly proof?: string | undefined;
  /** The source of the request; absent if there is no address. */
  readonly source?: string | undefined;
}

/**
 * Spends the proof of a request, or counts a request without one, and then does its work. A conditional write decides which
 * request a proof is for. What was counted is refunded if the work throws, so that the same request can be sent again.
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
    await Promise.allSettled(admitted.value.map((counter) => quota.refund(counter)));
    throw cause;
  }
}

/** Returns what was counted. */
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

/** Counts requests without a proof of work: those of one source, and then those of all. */
function unproven(
  source: Pseudonym,
  { limits, policy }: Pick<ProofDependencies, 'limits' | 'policy'>,
): readonly Counter[] {
  const ofAll = Math.ceil(limits.formMailsPerDay * UNPROVEN_SHARE[policy]);
  return [
    { name: `source-unproven/${source}`, limit: unprovenPerHour(limits, policy), windowSeconds: 3600 },
    { name: 'form-unproven', limit: ofAll, windowSeconds: 86_400 },
  ];
}

/** Allows one request for each proof, for longer than the proof is valid. */
function spending(proof: ProofId): Counter {
  return { name: `form-proof/${proof}`, limit: 1, windowSeconds: 2 * CHALLENGE_SECONDS };
}
