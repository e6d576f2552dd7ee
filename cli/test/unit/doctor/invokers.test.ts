import { describe, expect, test } from '@jest/globals';
import type { Account, StatementFacts } from '../../../doctor/account.ts';
import { DENY_OTHERS, findings, LET_API_IN, troubles, WELL } from '../../support/doctor-world.ts';

/** What is not well when one function has this policy. */
const withPolicy = (name: string, ...statements: readonly StatementFacts[]) =>
  troubles({ functionPolicy: async (one) => (one === name ? statements : WELL.functionPolicy(one)) });

const CALLED_PAST =
  'problem: invokers: links can be called past the API: whoever in this account has lambda:InvokeFunction can issue and revoke links as anyone';

describe('the doctor, about who may invoke the functions,', () => {
  test('says that it is this API alone', async () => {
    expect((await findings()).find(({ check }) => check === 'invokers')).toEqual({
      check: 'invokers',
      mark: 'ok',
      found: 'this API is let in alone; 1 of 3 deny everybody else',
    });
  });

  const [byApi = { operator: '', key: '', values: [] }] = LET_API_IN.conditions;
  const from = (...values: readonly string[]): StatementFacts => ({
    ...LET_API_IN,
    conditions: [{ ...byApi, values }],
  });

  test.each<[string, StatementFacts, string]>([
    [
      'another account',
      { ...LET_API_IN, principals: ['arn:aws:iam::444455556666:root'], conditions: [] },
      'arn:aws:iam::444455556666:root',
    ],
    ['everybody', { ...LET_API_IN, principals: ['*'], conditions: [] }, '*'],
    ['everybody, from this API', { ...LET_API_IN, principals: ['*'] }, '*'],
    ['another service', { ...LET_API_IN, principals: ['events.amazonaws.com'] }, 'events.amazonaws.com'],
    ['every API', { ...LET_API_IN, conditions: [] }, 'apigateway.amazonaws.com'],
    [
      'another API',
      from('arn:aws:execute-api:eu-west-1:111122223333:other/*/*/*'),
      'apigateway.amazonaws.com',
    ],
    [
      'this and another API',
      from(...byApi.values, 'arn:aws:execute-api:eu-west-1:111122223333:api2/*'),
      'apigateway.amazonaws.com',
    ],
    [
      'every API but this',
      { ...LET_API_IN, conditions: [{ ...byApi, operator: 'ArnNotLike' }] },
      'apigateway.amazonaws.com',
    ],
    ['everybody who is not named', { ...LET_API_IN, principals: [] }, 'unnamed'],
  ])('finds %s that was let in', async (_, statement, principal) => {
    const wanted = (name: string) => `problem: invokers: ${name} lets in others than this API: ${principal}`;
    expect(await withPolicy('mint', LET_API_IN, statement)).toEqual([wanted('mint')]);
    expect(await withPolicy('links', LET_API_IN, DENY_OTHERS, statement)).toEqual([wanted('links')]);
  });

  test.each<[string, readonly StatementFacts[]]>([
    ['is gone', []],
    ['denies nobody', [LET_API_IN]],
    ['denies one user', [LET_API_IN, { ...DENY_OTHERS, principals: ['arn:aws:iam::111122223333:user/eve'] }]],
    ['denies something else', [LET_API_IN, { ...DENY_OTHERS, actions: ['lambda:GetFunction'] }]],
    ['denies this API and nobody else', [LET_API_IN, { ...DENY_OTHERS, conditions: [byApi] }]],
    [
      'denies only under another condition as well',
      [
        LET_API_IN,
        {
          ...DENY_OTHERS,
          conditions: [
            ...DENY_OTHERS.conditions,
            { operator: 'Bool', key: 'aws:securetransport', values: ['false'] },
          ],
        },
      ],
    ],
  ])('finds that links can be called past the API when its policy %s', async (_, statements) => {
    expect(await withPolicy('links', ...statements)).toEqual([CALLED_PAST]);
  });

  test('finds a stack of a version that closes no function', async () => {
    const { resources, ...stack } = await WELL.stack();
    const older = new Map([...resources].filter(([type]) => type !== 'AWS::Lambda::ResourcePolicy'));
    const account: Partial<Account> = { stack: async () => ({ ...stack, resources: older }) };
    expect(await troubles(account)).toEqual([
      'problem: invokers: no function is closed: whoever in this account has lambda:InvokeFunction can issue and revoke links as anyone',
    ]);
  });
});
