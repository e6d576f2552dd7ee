import { type AccessRequest, ALLOWED, type Authorize, type Conditions, type Decision } from '../access.ts';
import type { AccessKeys } from '../access-keys.ts';
import { type Evaluate, loadEvaluator } from './evaluate.ts';
import { type Identity, identityOf, serviceIdentity } from './identity.ts';
import type { ImpliedCalls } from './implied-calls.ts';
import { applicableTo, type PolicyDocument } from './policy-document.ts';
import type { NamedPolicy, StackPolicies } from './stack-policies.ts';
import { classesOf, type ValueClasses, valueClassesIn } from './value-classes.ts';

export interface AuthorizerOptions {
  readonly policies: StackPolicies;
  readonly implied: ImpliedCalls;
  readonly accessKeys: Pick<AccessKeys, 'principalOf'>;
  readonly region: string;
  readonly accountId: string;
  readonly clock: () => Date;
}

/** Number of cached decisions at which the cache is cleared. */
const MAX_REMEMBERED = 10_000;

/** Everything that a decision about a caller's action depends on, apart from the request. */
interface Basis {
  /** The statements that apply to the action. */
  readonly identityPolicies: readonly NamedPolicy[];
  /** Classifiers for the condition keys in these statements and in the resource policies. No other keys matter. */
  readonly classes: ValueClasses;
}

/**
 * Creates an authorizer that decides as IAM does, based on the caller's identity policies and the resource's policy. It
 * also checks the calls that a service makes on the caller's behalf.
 *
 * A simulation takes up to two milliseconds, mostly to parse statements. Therefore, the simulator gets only the
 * statements that apply to the action, and calls that the policies treat alike share one cached decision.
 */
export function createAuthorizer(options: AuthorizerOptions): Authorize {
  const { policies, implied, accessKeys, accountId } = options;
  const bases = new Map<string, Basis>();
  const remembered = new Map<string, Promise<string | undefined>>();
  const evaluator = loadEvaluator();
  // Prevents an unhandled rejection. The first decision reports the failure.
  evaluator.catch(() => undefined);

  const basisOf = (caller: Identity, action: string): Basis => {
    const known = bases.get(`${caller.arn} ${action}`);
    if (known !== undefined) return known;
    const identityPolicies = applicableTo(caller.policies, action);
    const documents = [...identityPolicies.map(({ policy }) => policy), ...policies.resources.values()];
    const basis = { identityPolicies, classes: valueClassesIn(documents) };
    bases.set(`${caller.arn} ${action}`, basis);
    return basis;
  };

  const callerOf = (accessKeyId: string): Identity => {
    if (accessKeyId.endsWith('.amazonaws.com')) return serviceIdentity(accessKeyId);
    const principal = accessKeys.principalOf(accessKeyId);
    if (principal === undefined) throw new Error('An unknown caller passed the signature check.');
    return identityOf(principal, policies, accountId);
  };

  const reasonAgainst = (caller: Identity, call: AccessRequest): Promise<string | undefined> => {
    const { action, resource } = call;
    const { identityPolicies, classes } = basisOf(caller, action);
    const conditions = narrowed(contextOf(caller, call, options), action, classes);
    const key = JSON.stringify([caller.arn, action, resource, classesOf(conditions, classes)]);
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const reason = evaluator.then((evaluate: Evaluate) =>
      evaluate({
        caller: caller.arn,
        action,
        resource,
        accountId,
        conditions,
        identityPolicies,
        resourcePolicy: policyOf(resource, policies),
      }),
    );
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(key, reason);
    return reason;
  };

  return async (request): Promise<Decision> => {
    const caller = callerOf(request.accessKeyId);
    for (const call of [request, ...implied(request)]) {
      const reason = await reasonAgainst(caller, call);
      if (reason === undefined) continue;
      const { action, resource } = call;
      return { allowed: false, name: caller.name, caller: caller.arn, action, resource, reason };
    }
    return ALLOWED;
  };
}

/** Returns the values of all condition keys for a call. */
function contextOf(
  caller: Identity,
  { conditions }: AccessRequest,
  { region, accountId, clock }: AuthorizerOptions,
): Conditions {
  const now = clock();
  return {
    'aws:CurrentTime': now.toISOString(),
    'aws:EpochTime': String(Math.floor(now.getTime() / 1000)),
    'aws:RequestedRegion': region,
    'aws:ResourceAccount': accountId,
    'aws:ViaAWSService': 'false',
    'kms:CallerAccount': accountId,
    ...caller.context,
    ...conditions,
  };
}

/** Picks and sorts the condition keys that occur in a policy and are global or belong to the action's service. */
function narrowed(conditions: Conditions, action: string, decisive: ValueClasses): Conditions {
  const own = action.slice(0, action.indexOf(':') + 1);
  return Object.fromEntries(
    Object.entries(conditions)
      .filter(([key]) => (key.startsWith('aws:') || key.startsWith(own)) && decisive.has(key.toLowerCase()))
      .sort(([left], [right]) => (left < right ? -1 : 1)),
  );
}

/**
 * Returns the policy of a resource, or of the bucket or table that contains it. A table's policy does not apply to its
 * stream.
 */
function policyOf(resource: string, { resources }: StackPolicies): PolicyDocument | undefined {
  const container = /^(arn:aws:s3:::[^/]+(?=\/)|arn:aws:dynamodb:[^/]+\/[^/]+(?=\/index\/))/.exec(
    resource,
  )?.[1];
  return resources.get(resource) ?? (container === undefined ? undefined : resources.get(container));
}
