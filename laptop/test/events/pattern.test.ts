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
    ['fields of two objects in an array', { detail: { threats: { name: ['EICAR'], severity: [1] } } }],
    ['an inherited property', JSON.parse('{"__proto__":{"__proto__":[null]}}')],
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
    ['an inherited property as an operator', { source: [{ constructor: 'a' }] }],
    ['alternatives of patterns', { $or: [{ source: ['a'] }, { source: ['b'] }] }],
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
  /** Returns a pattern that matches only events with all the values of an event. */
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
});
