import { LaptopError } from '../laptop-error.ts';

/** Returns whether an event, or a part of one, matches a pattern. */
export type Matcher = (value: unknown) => boolean;

/** A primitive value, the only kind that a pattern can test. */
type Leaf = string | number | boolean | null;

/**
 * Compiles an event pattern. All fields of a pattern must match. A field matches if the event's value equals one of the
 * field's alternatives, or begins with a prefix among them. If the value is an array, one matching element is enough.
 *
 * @param owner the pattern's owner, for error messages, such as `rule Sweep`
 * @throws LaptopError if the pattern is invalid or uses an operator that local mode does not support
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export function compilePattern(pattern: unknown, owner: string): Matcher {
  if (!isObject(pattern) || Object.keys(pattern).length === 0)
    throw new LaptopError(
      `The ${owner} has an invalid event pattern. A pattern is an object with at least one field, and each field is a list of values or another pattern.`,
    );
  const fields = Object.entries(pattern).map(([name, wanted]) => fieldMatcher(name, wanted, owner));
  return (value) =>
    Array.isArray(value)
      ? // All fields must match in the same element.
        value.some((element) => fields.every((matches) => matches(element)))
      : fields.every((matches) => matches(value));
}

function fieldMatcher(name: string, wanted: unknown, owner: string): Matcher {
  const field = `${owner} (${name})`;
  const matches = Array.isArray(wanted) ? leafMatcher(wanted, field) : compilePattern(wanted, field);
  return (value) => matches(isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined);
}

function leafMatcher(alternatives: readonly unknown[], owner: string): Matcher {
  if (alternatives.length === 0) throw new LaptopError(`The ${owner} has an empty list of values.`);
  const tests = alternatives.map((alternative) => leafTest(alternative, owner));
  return (value) => [value].flat(Number.POSITIVE_INFINITY).some((leaf) => tests.some((test) => test(leaf)));
}

function leafTest(alternative: unknown, owner: string): Matcher {
  if (isLeaf(alternative)) return (leaf) => leaf === alternative;
  if (isObject(alternative)) {
    const { prefix, ...more } = alternative;
    if (typeof prefix === 'string' && Object.keys(more).length === 0)
      return (leaf) => typeof leaf === 'string' && leaf.startsWith(prefix);
  }
  throw new LaptopError(
    `The ${owner} has an event pattern with ${JSON.stringify(alternative)}, which local mode does not support.`,
  );
}

const isLeaf = (value: unknown): value is Leaf =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
