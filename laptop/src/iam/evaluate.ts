import type { RequestAnalysis } from '@cloud-copilot/iam-simulate';
import type { Conditions } from '../access.ts';
import type { PolicyDocument } from './policy-document.ts';
import type { NamedPolicy } from './stack-policies.ts';

/** A call and all policies that apply to it. */
interface SimulatedCall {
  /** The caller's ARN, or a service principal. */
  readonly caller: string;
  readonly action: string;
  readonly resource: string;
  readonly accountId: string;
  readonly conditions: Conditions;
  readonly identityPolicies: readonly NamedPolicy[];
  readonly resourcePolicy: PolicyDocument | undefined;
}

/** Resolves to undefined if the call is allowed, or else to the reason for the denial in IAM's wording. */
export type Evaluate = (call: SimulatedCall) => Promise<string | undefined>;

/** Replacement for `*` and `?` in a resource name, where they are not wildcards. Only a policy's wildcards match it. */
const NO_WILDCARD = '\u{fffd}';

/** Loads the simulator. The import is dynamic, because it takes a tenth of a second. */
export async function loadEvaluator(): Promise<Evaluate> {
  const { runSimulation } = await import('@cloud-copilot/iam-simulate');
  return async (call) => {
    const { caller, action, resource, accountId, conditions, identityPolicies, resourcePolicy } = call;
    const results = await runSimulation(
      {
        request: {
          principal: caller,
          action,
          resource: {
            resource: resource === '*' ? resource : resource.replaceAll(/[*?]/g, NO_WILDCARD),
            accountId,
          },
          contextVariables: Object.fromEntries(
            Object.entries(conditions).map(([key, value]) => [
              key,
              typeof value === 'string' ? value : [...value],
            ]),
          ),
        },
        identityPolicies: [...identityPolicies],
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        ...(resourcePolicy === undefined ? {} : { resourcePolicy }),
      },
      {},
    );
    if (results.resultType === 'error') {
      return `because local mode cannot evaluate it: ${results.errors.message}`;
    }
    if (results.overallResult === 'Allowed') return undefined;
    const analyses = results.resultType === 'single' ? [results.result] : results.results;
    return reasonOf(action, analyses.find(({ analysis }) => analysis.result !== 'Allowed')?.analysis);
  };
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
function reasonOf(action: string, analysis: RequestAnalysis | undefined): string {
  if (analysis?.identityAnalysis?.result === 'ExplicitlyDenied')
    return 'with an explicit deny in an identity-based policy';
  if (analysis?.resourceAnalysis?.result === 'ExplicitlyDenied')
    return 'with an explicit deny in a resource-based policy';
  const silent = analysis?.identityAnalysis?.result === 'Allowed' ? 'resource' : 'identity';
  return `because no ${silent}-based policy allows the ${action} action`;
}
