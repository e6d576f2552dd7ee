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

type SourceLimit = Pick<FormLimits, 'sourcePerHour'>;

export interface ProofNeedDependencies {
  readonly quota: Pick<Quota, 'look'>;
  readonly pseudonyms: Pseudonyms;
  readonly limits: SourceLimit;
  readonly policy: ProofPolicy;
}

export interface ProofDependencies extends Omit<ProofNeedDependencies, 'quota'> {
  readonly clock: Clock;
  readonly quota: Pick<Quota, 'take'>;
  readonly challenges: Pick<Challenges, 'solvedBy'>;
}

/** Returns the requests an hour that one source may make without a proof of work. */
export function unprovenPerHour({ sourcePerHour }: SourceLimit, policy: ProofPolicy): number {
  return Math.ceil(sourcePerHour * UNPROVEN_SHARE[policy]);
}

/** Tells whether the next request of a source needs a proof. Counts nothing. */
export async function needsProof(deps: ProofNeedDependencies, source: string | undefined): Promise<boolean> {
  if (deps.policy === 'always') return true;
  if (source === undefined) return false;
  const looked = await deps.quota.look(unproven(await deps.pseudonyms.of('source', source), deps));
  return !looked.taken;
}

export interface ProvenRequest {
  readonly asset: AssetName;
  /** The solution that came with the request; empty or absent if there was none. */
  readonly proof?: string | undefined;
  /** The source of the request; absent if there is no address. */
  readonly source?: string | undefined;
}

/**
 * Spends the proof of a request, or counts a request without one. A conditional write decides which request a proof is for.
 *
 * @throws Unavailable if a service is down
 */
export async function admitProven(
  deps: ProofDependencies,
  { asset, proof = '', source }: ProvenRequest,
): Promise<Result<void, Refusal>> {
  if (proof !== '') {
    const solved = await deps.challenges.solvedBy(proof, asset, epochSeconds(deps.clock()));
    const isFirst = solved !== undefined && (await deps.quota.take(spending(solved))).taken;
    return isFirst ? ok(undefined) : fail({ code: 'proof_refused' });
  }
  if (source === undefined) return ok(undefined);
  const counted = await deps.quota.take(unproven(await deps.pseudonyms.of('source', source), deps));
  return counted.taken
    ? ok(undefined)
    : fail({ code: 'proof_required', retryAfterSeconds: counted.retryAfterSeconds });
}

/** Counts requests from one source that come without a proof of work. */
function unproven(
  source: Pseudonym,
  { limits, policy }: Pick<ProofDependencies, 'limits' | 'policy'>,
): Counter {
  return { name: `source-unproven/${source}`, limit: unprovenPerHour(limits, policy), windowSeconds: 3600 };
}

/** Allows one request for each proof, for longer than the proof is valid. */
function spending(proof: ProofId): Counter {
  return { name: `form-proof/${proof}`, limit: 1, windowSeconds: 2 * CHALLENGE_SECONDS };
}
