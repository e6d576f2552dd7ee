import { z } from 'zod';

const texts = z.union([z.string(), z.array(z.string())]);

/** Values in a template. Numbers and booleans stand for their text. */
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
 * A policy whose references are resolved.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export const PolicyDocument = z.looseObject({
  Version: z.literal('2012-10-17'),
  Statement: z.array(Statement),
});

export type PolicyDocument = z.output<typeof PolicyDocument>;
export type PolicyStatement = z.output<typeof Statement>;

/** Returns the values of an element that may be a string or a list. */
export const listed = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;

/** Drops statements that do not apply to an action, and policies without any left. */
export function about<Named extends { readonly policy: PolicyDocument }>(
  policies: readonly Named[],
  action: string,
): readonly Named[] {
  return policies.flatMap((named) => {
    const Statement = named.policy.Statement.filter((statement) => isAbout(statement, action));
    return Statement.length === 0 ? [] : [{ ...named, policy: { ...named.policy, Statement } }];
  });
}

/** Tells whether a statement may apply to an action. One with `NotAction` always may. */
function isAbout({ Action, NotAction }: PolicyStatement, action: string): boolean {
  return NotAction !== undefined || listed(Action).some((pattern) => matches(pattern, action));
}

/** Action names are case-insensitive (IAM User Guide, "IAM JSON policy elements: Action"). */
function matches(pattern: string, action: string): boolean {
  return wildcardsOf(pattern.toLowerCase()).test(action.toLowerCase());
}

/** Compiles a text in which `*` stands for any characters and `?` for any one. */
export function wildcardsOf(pattern: string): RegExp {
  const literal = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}
