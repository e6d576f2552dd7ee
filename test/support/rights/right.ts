import type { Conditions } from '../../../laptop/src/access.ts';
import { listed, type PolicyStatement } from '../../../laptop/src/iam/policy-document.ts';
import type { SessionRights, StackPolicies } from '../../../laptop/src/iam/stack-policies.ts';

/** One action on one resource, as granted by one statement of one function's role. */
export interface Right {
  readonly functionName: string;
  readonly action: string;
  /** The resource as written in the statement, possibly with wildcards. */
  readonly resource: string;
  /** The only service that may make the call on the function's behalf, such as `s3`. */
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

/** Returns every right of every function, in template order. */
export function rightsIn({ functions }: StackPolicies): readonly Right[] {
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

/** Formats a right, such as `kms:Decrypt on key/… via s3`, without anything that differs between installations. */
export function label({ action, resource, via }: Pick<Right, 'action' | 'resource' | 'via'>): string {
  const name = resource.replace(/^(?:[^:]*:){5}/, '').replace(/TokenVendingMachine-/i, '');
  return `${action} on ${name}${via === undefined ? '' : ` via ${via}`}`;
}

export const covers = (right: Right, call: Call): boolean =>
  right.functionName === call.functionName &&
  right.action === call.action &&
  right.via === call.via &&
  pattern(right.resource).test(call.resource) &&
  isWithin(right.statement, call.conditions);

/** Returns whether a table call touches only the keys and attributes that the statement names, if it names any. */
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

/** Returns the same policies without some rights. */
export function without(policies: StackPolicies, removed: readonly Right[]): StackPolicies {
  const functions = [...policies.functions].map(([name, rights]): [string, SessionRights] => [
    name,
    {
      ...rights,
      policies: rights.policies.map(({ name: policyName, policy }) => ({
        name: policyName,
        policy: { ...policy, Statement: policy.Statement.flatMap((each) => reduce(each, removed)) },
      })),
    },
  ]);
  return { ...policies, functions: new Map(functions) };
}

/** Returns the statements that remain when rights are removed: one per action with its remaining resources. */
function reduce(statement: PolicyStatement, removed: readonly Right[]): readonly PolicyStatement[] {
  const here = removed.filter((right) => right.statement === statement);
  if (here.length === 0) return [statement];
  return listed(statement.Action).flatMap((Action) => {
    const Resource = listed(statement.Resource).filter(
      (resource) => !here.some((right) => right.action === Action && right.resource === resource),
    );
    return Resource.length === 0 ? [] : [{ ...statement, Action, Resource }];
  });
}
