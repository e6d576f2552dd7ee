import { z } from 'zod';

const texts = z.union([z.string(), z.array(z.string())]);

/** Values as a template has them: numbers and booleans mean their text. */
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

/** The values of an element that may be one text or several. */
export const listed = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;

/** Leaves out the statements of policies that say nothing about an action, and policies in which none is left. */
export function about<Named extends { readonly policy: PolicyDocument }>(
  policies: readonly Named[],
  action: string,
): readonly Named[] {
  return policies.flatMap((named) => {
    const Statement = named.policy.Statement.filter((statement) => isAbout(statement, action));
    return Statement.length === 0 ? [] : [{ ...named, policy: { ...named.policy, Statement } }];
  });
}

/** Whether the action matches the statement's; one with `NotAction` may be about any. */
function isAbout({ Action, NotAction }: PolicyStatement, action: string): boolean {
  return NotAction !== undefined || listed(Action).some((pattern) => matches(pattern, action));
}

/** Actions are told apart without regard to case (IAM User Guide, "IAM JSON policy elements: Action"). */
function matches(pattern: string, action: string): boolean {
  const [left, right] = [pattern.toLowerCase(), action.toLowerCase()];
  if (!/[*?]/.test(left)) return left === right;
  const literal = left.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(right);
}

/** The condition keys that decide anything in these policies, in lower case: in conditions and in variables. */
export function contextKeysIn(documents: readonly PolicyDocument[]): ReadonlySet<string> {
  const keys = documents.flatMap(({ Statement: statements }) =>
    statements.flatMap(({ Condition = {} }) => Object.values(Condition).flatMap(Object.keys)),
  );
  const variables = JSON.stringify(documents).matchAll(/\$\{([^},*?$]+)/g);
  return new Set(
    [...keys, ...[...variables].map(([, name = '']) => name.trim())].map((key) => key.toLowerCase()),
  );
}
