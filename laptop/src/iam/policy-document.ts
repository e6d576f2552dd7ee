import { z } from 'zod';

const texts = z.union([z.string(), z.array(z.string())]);

/** A value in a condition. Numbers and booleans are converted to strings. */
const conditionValue = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const Statement = z.looseObject({
  Sid: z.string().exactOptional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: texts.exactOptional(),
  NotAction: texts.exactOptional(),
  Resource: texts.exactOptional(),
  NotResource: texts.exactOptional(),
  Condition: z
    .record(z.string(), z.record(z.string(), z.union([conditionValue, z.array(conditionValue)])))
    .exactOptional(),
});

/**
 * A policy document with resolved references.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export const PolicyDocument = z.looseObject({
  Version: z.literal('2012-10-17'),
  Statement: z.array(Statement),
});

export type PolicyDocument = z.output<typeof PolicyDocument>;
export type PolicyStatement = z.output<typeof Statement>;

/** Returns the values of an element that can be a string or a list. */
export const listed = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;

/** Removes the statements that cannot apply to an action, and the policies that are left empty. */
export function applicableTo<Named extends { readonly policy: PolicyDocument }>(
  policies: readonly Named[],
  action: string,
): readonly Named[] {
  return policies.flatMap((named) => {
    const Statement = named.policy.Statement.filter((statement) => appliesTo(statement, action));
    return Statement.length === 0 ? [] : [{ ...named, policy: { ...named.policy, Statement } }];
  });
}

/** Returns whether a statement can apply to an action. Statements with `NotAction` are always kept. */
function appliesTo({ Action, NotAction }: PolicyStatement, action: string): boolean {
  return NotAction !== undefined || listed(Action).some((pattern) => matches(pattern, action));
}

/** Returns whether a pattern matches an action, ignoring case (IAM User Guide, "IAM JSON policy elements: Action"). */
function matches(pattern: string, action: string): boolean {
  return wildcardsOf(pattern.toLowerCase()).test(action.toLowerCase());
}

/** Compiles a pattern in which `*` matches any number of characters, and `?` matches exactly one. */
export function wildcardsOf(pattern: string): RegExp {
  const literal = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}
