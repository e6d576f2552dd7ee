import type { Principal } from '../access-keys.ts';
import type { FunctionRights, NamedPolicy, StackPolicies } from './stack-policies.ts';

/** The caller, as policies see it. */
export interface Identity {
  /** The user's or the function's name. */
  readonly name: string;
  readonly arn: string;
  readonly policies: readonly NamedPolicy[];
  /** Condition keys about the caller (IAM User Guide, "AWS global condition context keys"). */
  readonly context: Readonly<Record<string, string>>;
}

/** The rights of the operator, who is the administrator of the account. Resource policies still apply. */
const ADMINISTRATOR: NamedPolicy = {
  name: 'AdministratorAccess',
  policy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
};

/** The user that holds {@link ADMINISTRATOR}. */
export const OPERATOR = 'operator';

/** Finds the policies of a caller. Without any policies, it may do nothing. */
export function identityOf(principal: Principal, policies: StackPolicies, accountId: string): Identity {
  const rights = principal.kind === 'role' ? policies.functions.get(principal.name) : undefined;
  return rights === undefined ? userOf(principal, accountId) : functionOf(principal, rights, accountId);
}

function userOf({ kind, name, arn, userId }: Principal, accountId: string): Identity {
  return {
    name,
    arn,
    policies: kind === 'user' && name === OPERATOR ? [ADMINISTRATOR] : [],
    context: {
      'aws:PrincipalAccount': accountId,
      'aws:PrincipalArn': arn,
      'aws:PrincipalIsAWSService': 'false',
      'aws:PrincipalType': kind === 'user' ? 'User' : 'AssumedRole',
      'aws:userid': userId,
      ...(kind === 'user' ? { 'aws:username': name } : {}),
    },
  };
}

function functionOf(
  { name, userId }: Principal,
  { roleName, functionName, policies }: FunctionRights,
  accountId: string,
): Identity {
  return {
    name,
    arn: `arn:aws:sts::${accountId}:assumed-role/${roleName}/${functionName}`,
    policies,
    context: {
      'aws:PrincipalAccount': accountId,
      // The ARN of the role, not of its session.
      'aws:PrincipalArn': `arn:aws:iam::${accountId}:role/${roleName}`,
      'aws:PrincipalIsAWSService': 'false',
      'aws:PrincipalType': 'AssumedRole',
      // Lambda names the session after the function.
      'aws:userid': `${userId.replace(/:.*$/, '')}:${functionName}`,
    },
  };
}
