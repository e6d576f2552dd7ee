import type { Principal } from '../access-keys.ts';
import type { NamedPolicy, SessionRights, StackPolicies } from './stack-policies.ts';

/** The caller, as policies see it. */
export interface Identity {
  /** The name of the user, of whoever uses the role, or of the service. */
  readonly name: string;
  /** For a service, its principal. */
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
  const { kind, name } = principal;
  const rights = kind === 'role' ? (policies.functions.get(name) ?? policies.services.get(name)) : undefined;
  return rights === undefined ? userOf(principal, accountId) : sessionOf(principal, rights, accountId);
}

/** Identifies a service that calls for itself, by its principal. Only the policies of resources can allow it anything. */
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
  { roleName, sessionName, policies }: SessionRights,
  accountId: string,
): Identity {
  return {
    name,
    arn: `arn:aws:sts::${accountId}:assumed-role/${roleName}/${sessionName}`,
    policies,
    context: {
      'aws:PrincipalAccount': accountId,
      // The ARN of the role, not of its session.
      'aws:PrincipalArn': `arn:aws:iam::${accountId}:role/${roleName}`,
      'aws:PrincipalIsAWSService': 'false',
      'aws:PrincipalType': 'AssumedRole',
      'aws:userid': `${userId.replace(/:.*$/, '')}:${sessionName}`,
    },
  };
}
