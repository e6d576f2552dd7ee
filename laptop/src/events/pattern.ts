import { LaptopError } from '../laptop-error.ts';

/** Returns whether an event, or a part of one, matches a pattern. */
export type Matcher = (value: unknown) => boolean;

/** A primitive value, the only kind that a pattern can test. */
type Leaf = string | number | boolean | null;

type LeafTest = (leaf: Leaf) => boolean;

/**
 * Compiles an event pattern. All fields of a pattern must match. A field matches if the value in the event matches one
 * of the alternatives. If the value is an array, one matching element is enough.
 *
 * @param owner the pattern's owner, for error messages, such as `rule Sweep`
 * @throws LaptopError if the pattern is invalid or uses an operator that local mode does not support
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export function compilePattern(pattern: unknown, owner: string): Matcher {
  if (!isObject(pattern) || Object.keys(pattern).length === 0)
    throw new LaptopError(`The ${owner} has an event pattern that is not an object with fields.`);
  const fields = Object.entries(pattern).map(([name, wanted]) =>
    name === '$or' ? eitherOf(wanted, owner) : fieldMatcher(name, wanted, owner),
  );
  return (value) =>
    Array.isArray(value)
      ? // All fields must match in the same element.
        value.some((element) => fields.every((matches) => matches(element)))
      : fields.every((matches) => matches(value));
}

function eitherOf(patterns: unknown, owner: string): Matcher {
  if (!Array.isArray(patterns)) throw new LaptopError(`The ${owner} has an $or that is not a list.`);
  const matchers = patterns.map((pattern) => compilePattern(pattern, owner));
  return (value) => matchers.some((matches) => matches(value));
}

function fieldMatcher(name: string, wanted: unknown, owner: string): Matcher {
  const matches = Array.isArray(wanted)
    ? leafMatcher(wanted, `${owner} (${name})`)
    : compilePattern(wanted, owner);
  return (value) => matches(isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined);
}

function leafMatcher(alternatives: readonly unknown[], owner: string): Matcher {
  if (alternatives.length === 0) throw new LaptopError(`The ${owner} has an empty list of values.`);
  const matchers = alternatives.map((alternative): Matcher => {
    if (isObject(alternative) && alternative.exists === false) return (value) => leavesOf(value).length === 0;
    const test = leafTest(alternative, owner);
    return (value) => leavesOf(value).some(test);
  });
  return (value) => matchers.some((matches) => matches(value));
}

function leafTest(alternative: unknown, owner: string): LeafTest {
  if (isLeaf(alternative)) return (leaf) => leaf === alternative;
  const [[name, argument] = ['', undefined], ...more] = isObject(alternative)
    ? Object.entries(alternative)
    : [];
  const test = operator(OPERATORS, name, argument);
  if (test === undefined || more.length > 0)
    throw new LaptopError(
      `The ${owner} has ${JSON.stringify(alternative)} in its event pattern, which local mode does not support.`,
    );
  return test;
}

type Operators = Readonly<Record<string, (argument: unknown) => LeafTest | undefined>>;

/** Compiles an operator. Returns undefined if local mode does not support the operator or its argument. */
const operator = (operators: Operators, name: string, argument: unknown): LeafTest | undefined =>
  Object.hasOwn(operators, name) ? operators[name]?.(argument) : undefined;

/** Operators that test text. `anything-but` can negate these. */
const ON_TEXTS: Operators = {
  prefix: (argument) => text(argument, (start) => (leaf) => leaf.startsWith(start)),
  suffix: (argument) => text(argument, (end) => (leaf) => leaf.endsWith(end)),
  'equals-ignore-case': (argument) =>
    text(argument, (other) => (leaf) => leaf.toLowerCase() === other.toLowerCase()),
  wildcard: (argument) => text(argument, wildcard),
};

const OPERATORS: Operators = {
  ...ON_TEXTS,
  exists: (argument) => (argument === true ? () => true : undefined),
  numeric,
  'anything-but': anythingBut,
};

function text(
  argument: unknown,
  test: (argument: string) => (leaf: string) => boolean,
): LeafTest | undefined {
  if (typeof argument !== 'string') return undefined;
  const matches = test(argument);
  return (leaf) => typeof leaf === 'string' && matches(leaf);
}

/** Compiles a wildcard. A `*` matches any number of characters, and `\*` matches an asterisk. */
function wildcard(pattern: string): (leaf: string) => boolean {
  const source = pattern.replace(/\\(.)|\*|./gs, (part, escaped: string | undefined) =>
    part === '*' ? '.*' : (escaped ?? part).replace(/[.+*?^${}()|[\]\\]/, '\\$&'),
  );
  const regex = new RegExp(`^${source}$`, 's');
  return (leaf) => regex.test(leaf);
}

const COMPARE: Readonly<Record<string, (leaf: number, bound: number) => boolean>> = {
  '=': (leaf, bound) => leaf === bound,
  '<': (leaf, bound) => leaf < bound,
  '<=': (leaf, bound) => leaf <= bound,
  '>': (leaf, bound) => leaf > bound,
  '>=': (leaf, bound) => leaf >= bound,
};

/** Compiles pairs of a comparison operator and a number, such as `['>', 0, '<=', 5]`. All comparisons must hold. */
function numeric(argument: unknown): LeafTest | undefined {
  if (!Array.isArray(argument) || argument.length === 0) return undefined;
  const tests: ((leaf: number) => boolean)[] = [];
  for (let at = 0; at < argument.length; at += 2) {
    const compare = COMPARE[String(argument[at])];
    const bound: unknown = argument[at + 1];
    if (compare === undefined || typeof bound !== 'number') return undefined;
    tests.push((leaf) => compare(leaf, bound));
  }
  return (leaf) => typeof leaf === 'number' && tests.every((test) => test(leaf));
}

/** Compiles the negation of a value, a list of values, or a string operator, which can have a list of arguments. */
function anythingBut(argument: unknown): LeafTest | undefined {
  const excluded = isObject(argument)
    ? Object.entries(argument).flatMap(([name, values]) =>
        [values].flat().map((value) => operator(ON_TEXTS, name, value)),
      )
    : [argument]
        .flat()
        .map((value): LeafTest | undefined => (isLeaf(value) ? (leaf) => leaf === value : undefined));
  const tests = excluded.filter((test) => test !== undefined);
  if (tests.length === 0 || tests.length < excluded.length) return undefined;
  return (leaf) => !tests.some((test) => test(leaf));
}

/** Returns the primitive values that a field's alternatives are tested against. */
const leavesOf = (value: unknown): readonly Leaf[] => [value].flat(Number.POSITIVE_INFINITY).filter(isLeaf);

const isLeaf = (value: unknown): value is Leaf =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
