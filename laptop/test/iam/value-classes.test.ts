import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadEvaluator } from '../../src/iam/evaluate.ts';
import type { PolicyDocument, PolicyStatement } from '../../src/iam/policy-document.ts';
import { classesOf, valueClassesIn } from '../../src/iam/value-classes.ts';

const KEY = 'dynamodb:LeadingKeys';
const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/tokens';

const policyOf = (Condition: NonNullable<PolicyStatement['Condition']>): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: TABLE, Condition }],
});

const classIn = (policy: PolicyDocument, values: string | readonly string[]) =>
  classesOf({ [KEY]: values }, valueClassesIn([policy]));

describe('the classes of a condition key', () => {
  test('combine values that match the same patterns', () => {
    const policy = policyOf({ 'ForAllValues:StringLike': { [KEY]: ['a*', '*z'] } });
    expect(classIn(policy, ['abc'])).toEqual(classIn(policy, ['axy']));
    expect(classIn(policy, ['abc'])).not.toEqual(classIn(policy, ['abz']));
    expect(classIn(policy, ['abc'])).not.toEqual(classIn(policy, ['abc', 'axy']));
  });

  test('combine numbers on the same side of a bound', () => {
    const policy = policyOf({ NumericGreaterThan: { [KEY]: '30000' } });
    expect(classIn(policy, '12')).toEqual(classIn(policy, '29999'));
    expect(classIn(policy, '29999')).not.toEqual(classIn(policy, '30000'));
    expect(classIn(policy, '30000')).not.toEqual(classIn(policy, '30001'));
  });

  test('distinguish all values for IP address conditions and policy variables', () => {
    for (const policy of [
      policyOf({ IpAddress: { [KEY]: '10.0.0.0/8' } }),
      policyOf({ StringEquals: { 'aws:username': `\${${KEY}}`, [KEY]: 'x' } }),
      policyOf({ StringLike: { [KEY]: '\u0024{aws:username}*' } }),
    ]) {
      expect(classIn(policy, '10.1.1.1')).not.toEqual(classIn(policy, '10.1.1.2'));
    }
  });

  test('exist only for keys that appear in conditions or policy variables', () => {
    const classes = valueClassesIn([
      {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: 's3:GetObject',
            Resource:
              'arn:aws:s3:::files/\u0024{aws:username}/\u0024{*}/\u0024{aws:PrincipalTag/team, "none"}',
            Condition: { StringLike: { 's3:prefix': ['a', 'b'] }, Bool: { 'aws:SecureTransport': 'true' } },
          },
        ],
      },
    ]);
    expect([...classes.keys()].toSorted()).toEqual([
      'aws:principaltag/team',
      'aws:securetransport',
      'aws:username',
      's3:prefix',
    ]);
  });

  test('never combine values for which IAM decides differently', async () => {
    const evaluate = await loadEvaluator();
    const decide = (policy: PolicyDocument, values: readonly string[]) =>
      evaluate({
        caller: 'arn:aws:sts::000000000000:assumed-role/role/session',
        action: 'dynamodb:GetItem',
        resource: TABLE,
        accountId: '000000000000',
        conditions: { [KEY]: values },
        identityPolicies: [{ name: 'permissions', policy }],
        resourcePolicy: undefined,
      });
    const text = fc.string({ unit: fc.constantFrom('a', 'A', 'b', '1', '*', '?', '.', '\n'), maxLength: 3 });
    const operator = fc
      .tuple(
        fc.constantFrom('', 'ForAllValues:', 'ForAnyValue:'),
        fc
          .constantFrom('StringLike', 'StringNotLike', 'StringEquals', 'StringNotEquals') //
          .chain((name) => fc.constantFrom(name, ...(name.endsWith('Equals') ? [`${name}IgnoreCase`] : []))),
        fc.constantFrom('', 'IfExists'),
      )
      .map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(
        operator,
        fc.array(text, { minLength: 1, maxLength: 3 }),
        fc.array(text, { minLength: 1, maxLength: 2 }),
        fc.array(text, { minLength: 1, maxLength: 2 }),
        async (name, patterns, left, right) => {
          const policy = policyOf({ [name]: { [KEY]: patterns } });
          fc.pre(JSON.stringify(classIn(policy, left)) === JSON.stringify(classIn(policy, right)));
          expect(await decide(policy, left)).toBe(await decide(policy, right));
        },
      ),
      { numRuns: 300 },
    );
  });
});
