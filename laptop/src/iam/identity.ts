import type { Principal } from '../access-keys.ts';
import type { NamedPolicy, SessionPermissions, StackPolicies } from './stack-policies.ts';

/** A caller, with its policies and its condition keys. */
export interface Identity {
  /** The name of the user, the function or service that uses the role, or the service that calls on its own behalf. */
  readonly name: string;
  /** The caller's ARN, or a service principal. */
  readonly arn: string;
  readonly policies: readonly NamedPolicy[];
  /** The caller's condition keys (IAM User Guide, "AWS global condition context keys"). */
  readonly context: Readonly<Record<string, string>>;
}

/** The permissions of the operator, an administrator of the account. Resource policies still apply. */
const ADMINISTRATOR: NamedPolicy = {
  name: 'AdministratorAccess',
  policy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
};

/** Name of the user with the permissions of {@link ADMINISTRATOR}. */
export const OPERATOR = 'operator';

/** Returns the identity of a user or role. A user or role without policies has no permissions. */
export function identityOf(principal: Principal, policies: StackPolicies, accountId: string): Identity {
  const { kind, name } = principal;
  const permissions =
    kind === 'role' ? (policies.functions.get(name) ?? policies.services.get(name)) : undefined;
  return permissions === undefined
    ? userOf(principal, accountId)
    : sessionOf(principal, permissions, accountId);
}

/** Returns the identity of a service that calls on its own behalf. Only resource policies can grant it permissions. */
export const serviceIdentity = (principal: string): Identity => ({
  name: principal,
  arn: principal,
  policies: [],
  context: { 'aws:PrincipalIsAWSService': 'true', 'aws:PrincipalServiceName': principal },
});

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

function sessionOf(
  { name, userId }: Principal,
  { roleName, sessionName, policies }: SessionPermissions,
  accountId: string,
): Identity {
  return {
    name,
    arn: `arn:aws:sts::${accountId}:assumed-role/${roleName}/${sessionName}`,
    policies,
    context: {
      'aws:PrincipalAccount': accountId,
      // This key contains the ARN of the role, not of the session.
      'aws:PrincipalArn': `arn:aws:iam::${accountId}:role/${roleName}`,
      'aws:PrincipalIsAWSService': 'false',
      'aws:PrincipalType': 'AssumedRole',
      'aws:userid': `${userId.replace(/:.*$/, '')}:${sessionName}`,
    },
  };
}
