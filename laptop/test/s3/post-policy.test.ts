import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { policyFailure, readPostPolicy } from '../../src/s3/post/post-policy.ts';

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');
const expiration = '2031-05-01T12:00:00Z';
const BEFORE = new Date('2031-05-01T11:59:59Z');

describe("a form's policy", () => {
  test('the parser does not throw for any string', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json().map(base64)), (text) => {
        expect(['policy', 'failure']).toContain(readPostPolicy(text).kind);
      }),
    );
  });

  test('the parser does not throw for any condition', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (conditions) => {
        expect(['policy', 'failure']).toContain(readPostPolicy(base64({ expiration, conditions })).kind);
      }),
    );
  });

  test('each field needs a condition and must meet all conditions on its name, which is case-insensitive', () => {
    const names = fc.constantFrom('key', 'Content-Type', 'x-amz-meta-a');
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 3 });
    const condition = fc.record({ operator: fc.constantFrom('eq', 'starts-with'), name: names, value: text });
    fc.assert(
      fc.property(fc.array(condition), fc.dictionary(names, text), (wanted, sent) => {
        const conditions = wanted.map(({ operator, name, value }) => [operator, `$${name}`, value]);
        const policy = readPostPolicy(base64({ expiration, conditions }));
        if (policy.kind === 'failure') throw new Error('The policy must be valid.');
        const fields = new Map(Object.entries(sent).map(([name, value]) => [name.toLowerCase(), value]));
        const fits = wanted.every(({ operator, name, value }) =>
          operator === 'eq' ? sent[name] === value : sent[name]?.startsWith(value),
        );
        const covered = Object.keys(sent).every((field) => wanted.some(({ name }) => name === field));
        expect(policyFailure(policy, fields, BEFORE) === undefined).toBe(fits && covered);
      }),
    );
  });

  test('the strictest of several size limits applies, and the default limit is 5 GiB', () => {
    const sizeOf = (conditions: unknown[]) => readPostPolicy(base64({ expiration, conditions }));
    const limits = [
      ['content-length-range', 1, '10'],
      ['content-length-range', 0, 7],
    ];
    expect(sizeOf(limits)).toMatchObject({ size: { min: 1, max: 7 } });
    expect(sizeOf([])).toMatchObject({ size: { min: 0, max: 5 * 1024 ** 3 } });
  });
});
