import { type Check, type Finding, fine, problem } from '../finding.ts';

/** Sends a signed request. Returns the response, or `undefined` if the API cannot be reached. */
export type ApiProbe = () => Promise<{ readonly status: number; readonly code?: string } | undefined>;

/** Checks that the API responds and grants the operator access. */
export function apiCheck(probe: ApiProbe): Check {
  return {
    name: 'API',
    permissions: ['execute-api:Invoke'],
    look: async () => [judged(await probe())],
  };
}

function judged(response: Awaited<ReturnType<ApiProbe>>): Finding {
  if (response === undefined) {
    return problem(
      'API',
      'cannot be reached from here',
      'Check the network. "tvm smoke" works without access to the API\'s endpoint.',
    );
  }
  const { status, code } = response;
  if (status === 200) return fine('API', 'responds, and lets you list links');
  return status === 403
    ? problem('API', 'responds, but denies you access', 'Your role needs execute-api:Invoke on the API.')
    : problem('API', `returns ${status} ${code ?? ''}`.trimEnd(), 'See docs/operations.md#servererroralarm.');
}
