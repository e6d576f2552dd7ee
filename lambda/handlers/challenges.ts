import { epochSeconds, secondsAfter } from '../domain/ids.ts';
import type { Clock, Telemetry } from '../domain/ports.ts';
import {
  CHALLENGE_SECONDS,
  type Challenges,
  needsProof,
  type ProofNeedDependencies,
} from '../domain/proof-of-work.ts';
import { createApiHandler, type Reply } from '../http/api-handler.ts';
import { checkQuery } from '../http/check.ts';
import { createSharing } from '../http/cross-origin.ts';
import { refuseProgram } from '../http/refuse-program.ts';
import type { ApiRequest } from '../http/request.ts';
import { json } from '../http/response.ts';
import { challengeQuery } from '../http/schemas.ts';
import { countedSource } from '../http/source.ts';

export interface ChallengesDependencies extends ProofNeedDependencies {
  readonly clock: Clock;
  readonly challenges: Pick<Challenges, 'create'>;
  readonly telemetry: Telemetry;
  /** SHA-256 of the trusted proxy's secret, if there is one. */
  readonly proxySecretSha256?: string | undefined;
  /** Origins whose pages are allowed to read the response. */
  readonly allowedOrigins: readonly string[];
}

/**
 * Creates the handler of `GET /challenge`, which the form's script calls before it sends a request. If the source needs
 * no proof, `challenge` in the response is `null`. The response does not reveal whether the file exists, and the call
 * is not counted.
 */
export function createChallengesHandler(deps: ChallengesDependencies) {
  async function challenge(request: ApiRequest): Promise<Reply> {
    const query = checkQuery(challengeQuery, request.query);
    if (!query.ok) return refuseProgram(request, query.error);
    if (!(await needsProof(deps, countedSource(request.sourceAddress)))) {
      return { response: json(200, { challenge: null }), outcome: 'not-needed' };
    }
    const expiresAt = secondsAfter(epochSeconds(deps.clock()), CHALLENGE_SECONDS);
    const made = await deps.challenges.create(query.value.asset, expiresAt);
    return { response: json(200, { challenge: made }), outcome: 'challenged' };
  }

  const share = createSharing(deps.allowedOrigins);
  return createApiHandler({
    telemetry: deps.telemetry,
    refuse: (request, refusal) => share(request, refuseProgram(request, refusal)),
    proxySecretSha256: deps.proxySecretSha256,
    routes: { 'GET /challenge': async (request) => share(request, await challenge(request)) },
  });
}
