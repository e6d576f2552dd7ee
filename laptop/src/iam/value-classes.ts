import type { Conditions } from '../access.ts';
import { listed, type PolicyDocument, wildcardsOf } from './policy-document.ts';

/** Maps the value of a condition key to the name of its class. No policy distinguishes between values of one class. */
type Classify = (value: string) => string;

/** What policies test about the values of condition keys, by key in lowercase. */
export type ValueClasses = ReadonlyMap<string, Classify>;

const itself: Classify = (value) => value;

/**
 * Reads which values of a condition key look the same to some policies. A thousand leading keys that all match `a*` get
 * one class, so their calls get one decision.
 *
 * The outcome of a test of strings depends only on which patterns a value matches, and that of a test of numbers on how
 * it compares. A key that is tested otherwise, or used as a policy variable, keeps its values apart.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function valueClassesIn(documents: readonly PolicyDocument[]): ValueClasses {
  const tests = new Map<string, Classify[]>();
  const add = (key: string, added: readonly Classify[]): void => {
    const name = key.toLowerCase();
    tests.set(name, [...(tests.get(name) ?? []), ...added]);
  };
  for (const { Condition = {} } of documents.flatMap(({ Statement }) => Statement)) {
    for (const [operator, byKey] of Object.entries(Condition)) {
      for (const [key, patterns] of Object.entries(byKey)) {
        add(
          key,
          listed(patterns).map((pattern) => testOf(operator, pattern)),
        );
      }
    }
  }
  const variables = JSON.stringify(documents).matchAll(/\$\{([^},*?$]+)/g);
  for (const [, name = ''] of variables) add(name.trim(), [itself]);
  return new Map(
    [...tests].map(([key, all]) => [key, (value: string) => all.map((test) => test(value)).join()]),
  );
}

/** Replaces the values of condition keys by their classes. */
export function classesOf(conditions: Conditions, classes: ValueClasses): readonly unknown[] {
  return Object.entries(conditions).map(([key, value]) => {
    const classOf = classes.get(key.toLowerCase()) ?? itself;
    return [key, typeof value === 'string' ? classOf(value) : value.map(classOf).sort()];
  });
}

const OPERATOR = /^(?:For(?:All|Any)Values:)?(String|Numeric|Null)(?:Not)?(\w*?)(?:IfExists)?$/i;

/** Returns what one pattern under one operator tests about a value. */
function testOf(operator: string, pattern: string): Classify {
  const [, type = '', relation = ''] = OPERATOR.exec(operator) ?? [];
  if (pattern.includes('$')) return itself;
  switch (type.toLowerCase() + relation.toLowerCase()) {
    case 'stringequals':
      return (value) => String(value === pattern);
    case 'stringequalsignorecase':
      return (value) => String(value.toLowerCase() === pattern.toLowerCase());
    case 'stringlike': {
      const wildcards = wildcardsOf(pattern);
      return (value) => String(wildcards.test(value));
    }
    case 'null':
      return () => '';
    default:
      return type.toLowerCase() === 'numeric' ? comparisonTo(Number(pattern)) : itself;
  }
}

/** Numbers that cannot be read keep apart. */
const comparisonTo =
  (bound: number): Classify =>
  (value) => {
    const difference = Number(value) - bound;
    return Number.isNaN(difference) ? value : String(Math.sign(difference));
  };
