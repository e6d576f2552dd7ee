import type { Conditions } from '../../../laptop/src/access.ts';
import { listed, type PolicyStatement } from '../../../laptop/src/iam/policy-document.ts';
import type { SessionPermissions, StackPolicies } from '../../../laptop/src/iam/stack-policies.ts';

/** One action on one resource, as granted by one statement of one function's role. */
export interface Permission {
  readonly functionName: string;
  readonly action: string;
  /** The resource as written in the statement, possibly with wildcards. */
  readonly resource: string;
  /** The only service that is allowed to make the call on the function's behalf, such as `s3`. */
  readonly via: string | undefined;
  readonly statement: PolicyStatement;
}

/** A call that was checked against the policies. */
export interface Call {
  readonly functionName: string;
  readonly action: string;
  readonly resource: string;
  readonly via: string | undefined;
  readonly conditions: Conditions;
}

/** Returns every permission of every function, in template order. */
export function permissionsIn({ functions }: StackPolicies): readonly Permission[] {
  return [...functions].flatMap(([functionName, { policies }]) =>
    policies.flatMap(({ policy }) =>
      policy.Statement.flatMap((statement) =>
        listed(statement.Action).flatMap((action) =>
          listed(statement.Resource).map((resource) => ({
            functionName,
            action,
            resource,
            via: serviceOf(statement.Condition?.StringEquals?.['kms:ViaService']),
            statement,
          })),
        ),
      ),
    ),
  );
}

/** Returns `s3` for `s3.us-east-1.amazonaws.com`. */
export const serviceOf = (value: string | readonly string[] | undefined): string | undefined =>
  listed(value)[0]?.split('.')[0];

/**
 * Formats a permission, such as `kms:Decrypt on key/… via s3`, without the region, the account, or the name of the
 * stack.
 */
export function label({ action, resource, via }: Pick<Permission, 'action' | 'resource' | 'via'>): string {
  const name = resource.replace(/^(?:[^:]*:){5}/, '').replace(/TokenVendingMachine-/i, '');
  return `${action} on ${name}${via === undefined ? '' : ` via ${via}`}`;
}

export const covers = (permission: Permission, call: Call): boolean =>
  permission.functionName === call.functionName &&
  permission.action === call.action &&
  permission.via === call.via &&
  pattern(permission.resource).test(call.resource) &&
  isWithin(permission.statement, call.conditions);

/** Returns whether a call uses only the keys and attributes that the statement allows. True if it limits neither. */
function isWithin({ Condition = {} }: PolicyStatement, conditions: Conditions): boolean {
  const { 'ForAllValues:StringLike': keys = {}, 'ForAllValues:StringEquals': attributes = {} } = Condition;
  return [keys, attributes]
    .flatMap((named) => Object.entries(named))
    .filter(([name]) => name.startsWith('dynamodb:'))
    .every(([name, patterns]) =>
      listed(conditions[name]).every((value) => listed(patterns).some((each) => pattern(each).test(value))),
    );
}

const pattern = (resource: string): RegExp =>
  new RegExp(
    `^${resource
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    's',
  );

/** Returns the same policies without some permissions. */
export function without(policies: StackPolicies, removed: readonly Permission[]): StackPolicies {
  const functions = [...policies.functions].map(([name, permissions]): [string, SessionPermissions] => [
    name,
    {
      ...permissions,
      policies: permissions.policies.map(({ name: policyName, policy }) => ({
        name: policyName,
        policy: { ...policy, Statement: policy.Statement.flatMap((each) => reduce(each, removed)) },
      })),
    },
  ]);
  return { ...policies, functions: new Map(functions) };
}

/** Returns the statements that remain when permissions are removed: one per action with its remaining resources. */
function reduce(statement: PolicyStatement, removed: readonly Permission[]): readonly PolicyStatement[] {
  const here = removed.filter((permission) => permission.statement === statement);
  if (here.length === 0) return [statement];
  return listed(statement.Action).flatMap((Action) => {
    const Resource = listed(statement.Resource).filter(
      (resource) =>
        !here.some((permission) => permission.action === Action && permission.resource === resource),
    );
    return Resource.length === 0 ? [] : [{ ...statement, Action, Resource }];
  });
}
