import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compilePattern } from '../../src/events/pattern.ts';

const matches = (pattern: unknown, event: unknown): boolean => compilePattern(pattern, 'Rule')(event);

const EVENT = {
  source: 'aws.guardduty',
  'detail-type': 'GuardDuty Malware Protection Object Scan Result',
  resources: ['arn:aws:guardduty:us-east-1:000000000000:malware-protection-plan/a', 'arn:other'],
  detail: {
    size: 5,
    versioned: true,
    nothing: null,
    s3ObjectDetails: { objectKey: 'incoming/a.pdf' },
    threats: [
      { name: 'EICAR', severity: 9 },
      { name: 'Other', severity: 1 },
    ],
  },
};

describe('an event pattern', () => {
  test.each<[string, object]>([
    ['a value', { source: ['aws.guardduty'] }],
    ['one of several values', { source: ['aws.s3', 'aws.guardduty'] }],
    ['values in several fields', { source: ['aws.guardduty'], detail: { size: [5] } }],
    ['one element of an array', { resources: ['arn:other'] }],
    ['a number, a boolean, and null', { detail: { size: [5.0], versioned: [true], nothing: [null] } }],
    ['a prefix', { detail: { s3ObjectDetails: { objectKey: [{ prefix: 'incoming/' }] } } }],
    ['a suffix', { detail: { s3ObjectDetails: { objectKey: [{ suffix: '.pdf' }] } } }],
    ['a value with different capitalization', { source: [{ 'equals-ignore-case': 'AWS.GuardDuty' }] }],
    ['a wildcard', { detail: { s3ObjectDetails: { objectKey: [{ wildcard: 'in*/*.pdf' }] } } }],
    ['a range of numbers', { detail: { size: [{ numeric: ['>', 4, '<=', 5] }] } }],
    ['a field with exists: true', { detail: { size: [{ exists: true }] } }],
    ['a missing field with exists: false', { detail: { other: { deep: [{ exists: false }] } } }],
    ['anything but a value', { source: [{ 'anything-but': 'aws.s3' }] }],
    ['anything but some values', { detail: { size: [{ 'anything-but': [4, 6] }] } }],
    ['anything but some prefixes', { source: [{ 'anything-but': { prefix: ['aws.s', 'aws.k'] } }] }],
    ['$or with one matching pattern', { $or: [{ source: ['aws.s3'] }, { detail: { size: [5] } }] }],
    ['fields of one object in an array', { detail: { threats: { name: ['EICAR'], severity: [9] } } }],
  ])('matches %s', (_, pattern) => {
    expect(matches(pattern, EVENT)).toBe(true);
  });

  test.each<[string, object]>([
    ['another value', { source: ['aws.s3'] }],
    ['two fields of which only one matches', { source: ['aws.guardduty'], detail: { size: [6] } }],
    ['a missing field', { detail: { other: ['a'] } }],
    ['a number as a string', { detail: { size: ['5'] } }],
    ['the start of a value', { source: ['aws'] }],
    ['another prefix', { detail: { s3ObjectDetails: { objectKey: [{ prefix: 'gated/' }] } } }],
    ['a prefix of a number', { detail: { size: [{ prefix: '5' }] } }],
    ['a number out of range', { detail: { size: [{ numeric: ['>', 5] }] } }],
    ['a field with exists: false', { detail: { size: [{ exists: false }] } }],
    ['an object with exists: true', { detail: { s3ObjectDetails: [{ exists: true }] } }],
    ['an excluded value', { source: [{ 'anything-but': ['aws.guardduty'] }] }],
    ['a missing field, even with anything-but', { detail: { other: [{ 'anything-but': 'a' }] } }],
    ['an excluded prefix', { source: [{ 'anything-but': { prefix: 'aws.' } }] }],
    ['$or without a matching pattern', { $or: [{ source: ['aws.s3'] }, { detail: { size: [6] } }] }],
    ['fields of two objects in an array', { detail: { threats: { name: ['EICAR'], severity: [1] } } }],
    ['an inherited property', { detail: { constructor: [{ exists: true }] } }],
  ])('does not match %s', (_, pattern) => {
    expect(matches(pattern, EVENT)).toBe(false);
  });

  test.each<[string, unknown]>([
    ['no fields', {}],
    ['a string instead of fields', 'aws.s3'],
    ['a value that is not in a list', { source: 'aws.s3' }],
    ['an empty list', { source: [] }],
    ['an unknown operator', { source: [{ cidr: '10.0.0.0/8' }] }],
    ['two operators in one object', { source: [{ prefix: 'a', suffix: 'b' }] }],
    ['a prefix that is not a string', { source: [{ prefix: 5 }] }],
    ['an unknown comparison', { source: [{ numeric: ['!=', 5] }] }],
    ['a comparison without a number', { source: [{ numeric: ['<'] }] }],
    ['an empty exclusion', { source: [{ 'anything-but': [] }] }],
    ['an exclusion with an unknown operator', { source: [{ 'anything-but': { cidr: 'a' } }] }],
    ['an inherited property as an operator', { source: [{ constructor: 'a' }] }],
    ['an $or that is not a list', { $or: { source: ['a'] } }],
    ['a list in a list', { source: [['a']] }],
  ])('is rejected if it has %s', (_, pattern) => {
    expect(() => compilePattern(pattern, 'rule ScanRule')).toThrow(/^The rule ScanRule/);
  });
});

describe('an arbitrary event pattern', () => {
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
  const name = fc.string({ minLength: 1 }).filter((text) => text !== '$or' && text !== '__proto__');
  const { tree } = fc.letrec<{ tree: object }>((tie) => ({
    tree: fc.dictionary(
      name,
      fc.oneof({ maxDepth: 3 }, leaf, fc.array(leaf, { minLength: 1 }), tie('tree')),
      {
        minKeys: 1,
        maxKeys: 4,
      },
    ) as fc.Arbitrary<object>,
  }));
  /** Returns a pattern that requires every value in an event. */
  const patternOf = (event: object): object =>
    Object.fromEntries(
      Object.entries(event).map(([key, value]: [string, unknown]) => [
        key,
        typeof value === 'object' && value !== null && !Array.isArray(value)
          ? patternOf(value)
          : [value].flat(),
      ]),
    );

  test('matches the event that it was created from, with or without additional fields', () => {
    fc.assert(
      fc.property(tree, name, leaf, (event, extra, value) => {
        expect(matches(patternOf(event), { [extra]: value, ...event })).toBe(true);
      }),
    );
  });

  test('does not match an event that lacks one of its fields', () => {
    fc.assert(
      fc.property(tree, (event) => {
        const [, ...rest] = Object.entries(event);
        expect(matches(patternOf(event), Object.fromEntries(rest))).toBe(false);
      }),
    );
  });

  test('matches with $or if and only if at least one of the alternatives matches', () => {
    fc.assert(
      fc.property(tree, tree, tree, (event, one, other) => {
        const either = matches(patternOf(one), event) || matches(patternOf(other), event);
        expect(matches({ $or: [patternOf(one), patternOf(other)] }, event)).toBe(either);
      }),
    );
  });

  test('matches with anything-but if and only if the excluded value does not match', () => {
    fc.assert(
      fc.property(leaf, leaf, (value, excluded) => {
        const excludes = matches({ a: [{ 'anything-but': excluded }] }, { a: value });
        expect(excludes).toBe(!matches({ a: [excluded] }, { a: value }));
      }),
    );
  });

  test('matches any text in place of a wildcard between literal characters', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (before, middle, after) => {
        const literal = (text: string): string => text.replaceAll(/[\\*]/g, '\\$&');
        const pattern = { a: [{ wildcard: `${literal(before)}*${literal(after)}` }] };
        expect(matches(pattern, { a: before + middle + after })).toBe(true);
        expect(matches(pattern, { a: `${middle}!` })).toBe(
          `${middle}!`.length >= before.length + after.length &&
            `${middle}!`.startsWith(before) &&
            `${middle}!`.endsWith(after),
        );
      }),
    );
  });
});
