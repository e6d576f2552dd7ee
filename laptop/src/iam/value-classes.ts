import type { Conditions } from '../access.ts';
import { listed, type PolicyDocument, wildcardsOf } from './policy-document.ts';

/** Maps the value of a condition key to its class. No policy distinguishes between values of the same class. */
type Classify = (value: string) => string;

/** Classifiers for the values of condition keys, by lowercase key. */
export type ValueClasses = ReadonlyMap<string, Classify>;

const itself: Classify = (value) => value;

/**
 * Creates classifiers for the condition keys in the given policies. For example, if a thousand leading keys all match
 * `a*`, they are in one class, and their calls share one decision.
 *
 * A string condition depends only on which patterns a value matches, and a numeric one only on the comparison. For
 * other conditions and for policy variables, each value is a class of its own.
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

/** Replaces the values of condition keys with their classes. */
export function classesOf(conditions: Conditions, classes: ValueClasses): readonly unknown[] {
  return Object.entries(conditions).map(([key, value]) => {
    const classOf = classes.get(key.toLowerCase()) ?? itself;
    return [key, typeof value === 'string' ? classOf(value) : value.map(classOf).sort()];
  });
}

const OPERATOR = /^(?:For(?:All|Any)Values:)?(String|Numeric|Null)(?:Not)?(\w*?)(?:IfExists)?$/i;

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

/** Classifies numbers as less than, equal to, or greater than a bound. Each invalid number is a class of its own. */
const comparisonTo =
  (bound: number): Classify =>
  (value) => {
    const difference = Number(value) - bound;
    return Number.isNaN(difference) ? value : String(Math.sign(difference));
  };
