import { type AccessRequest, ALLOWED, type Authorize, type Conditions, type Decision } from '../access.ts';
import type { AccessKeys } from '../access-keys.ts';
import { type Evaluate, loadEvaluator } from './evaluate.ts';
import { type Identity, identityOf } from './identity.ts';
import type { ImpliedCalls } from './implied-calls.ts';
import { about, contextKeysIn, type PolicyDocument } from './policy-document.ts';
import type { StackPolicies } from './stack-policies.ts';

export interface AuthorizerOptions {
  readonly policies: StackPolicies;
  readonly implied: ImpliedCalls;
  readonly accessKeys: Pick<AccessKeys, 'principalOf'>;
  readonly region: string;
  readonly accountId: string;
  readonly clock: () => Date;
}

/**
 * How many answers are remembered before all are forgotten. Under a condition on `dynamodb:LeadingKeys` each key has an
 * answer of its own, so they would pile up with every token.
 */
const MAX_REMEMBERED = 10_000;

/**
 * Decides as IAM would from the policies of the template: those of the function's role or the operator's, and that
 * of the bucket, queue, key or table. A call that a service would make in the caller's name is decided with it.
 *
 * A new decision takes up to two milliseconds, most of it for reading statements, so the simulator gets only those about
 * the action. An answer is remembered by the values of the condition keys that these statements or the policies of
 * resources name: nothing else can change it.
 */
export function createAuthorizer(options: AuthorizerOptions): Authorize {
  const { policies, implied, accessKeys, accountId } = options;
  const decisiveOfResources = contextKeysIn([...policies.resources.values()]);
  const remembered = new Map<string, Promise<string | undefined>>();
  const evaluator = loadEvaluator();
  // Whoever asks first hears of it.
  evaluator.catch(() => undefined);

  const reasonAgainst = (caller: Identity, call: AccessRequest): Promise<string | undefined> => {
    const { action, resource } = call;
    const identityPolicies = about(caller.policies, action);
    const decisive = contextKeysIn(identityPolicies.map(({ policy }) => policy));
    const conditions = narrowed(contextOf(caller, call, options), action, [decisive, decisiveOfResources]);
    const key = JSON.stringify([caller.arn, action, resource, conditions]);
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const asked = evaluator.then((evaluate: Evaluate) =>
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
    remembered.set(key, asked);
    return asked;
  };

  return async (request): Promise<Decision> => {
    const principal = accessKeys.principalOf(request.accessKeyId);
    if (principal === undefined) throw new Error('A caller was let through whom nobody knows');
    const caller = identityOf(principal, policies, accountId);
    for (const call of [request, ...implied(request)]) {
      const reason = await reasonAgainst(caller, call);
      if (reason === undefined) continue;
      const { action, resource } = call;
      return { allowed: false, name: caller.name, caller: caller.arn, action, resource, reason };
    }
    return ALLOWED;
  };
}

/** Everything that is known about a call, in condition keys. */
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

/** The keys that some policy names and that this service has, in one order. */
function narrowed(
  conditions: Conditions,
  action: string,
  decisive: readonly ReadonlySet<string>[],
): Conditions {
  const own = action.slice(0, action.indexOf(':') + 1);
  const isDecisive = (key: string) => decisive.some((keys) => keys.has(key.toLowerCase()));
  return Object.fromEntries(
    Object.entries(conditions)
      .filter(([key]) => (key.startsWith('aws:') || key.startsWith(own)) && isDecisive(key))
      .sort(([left], [right]) => (left < right ? -1 : 1)),
  );
}

/** The policy of the resource itself, or of the bucket or table that it lies in. */
function policyOf(resource: string, { resources }: StackPolicies): PolicyDocument | undefined {
  const container = /^(arn:aws:s3:::[^/]+|arn:aws:dynamodb:[^/]+\/[^/]+)\//.exec(resource)?.[1];
  return resources.get(resource) ?? (container === undefined ? undefined : resources.get(container));
}
