import { describe, expect, test } from '@jest/globals';
import type { Account, StatementFacts } from '../../../doctor/account.ts';
import { DENY_OTHERS, findings, LET_API_IN, troubles, WELL } from '../../support/doctor-world.ts';

/** Returns the warnings and problems if one function has this policy. */
const withPolicy = (name: string, ...statements: readonly StatementFacts[]) =>
  troubles({ functionPolicy: async (one) => (one === name ? statements : WELL.functionPolicy(one)) });

const INVOKED_DIRECTLY =
  'problem: invokers: links can be invoked without the API: anyone in this account who has lambda:InvokeFunction can issue and revoke links on behalf of anyone';

describe('the invokers check', () => {
  test('passes if only this API may invoke the functions', async () => {
    expect((await findings()).find(({ check }) => check === 'invokers')).toEqual({
      check: 'invokers',
      mark: 'ok',
      found: 'only this API and event rules may invoke the functions; only this API may invoke 1 of the 3',
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
    ['everybody who calls through this API', { ...LET_API_IN, principals: ['*'] }, '*'],
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
      'every API but this one',
      { ...LET_API_IN, conditions: [{ ...byApi, operator: 'ArnNotLike' }] },
      'apigateway.amazonaws.com',
    ],
    ['a principal without a name', { ...LET_API_IN, principals: [] }, 'unnamed'],
  ])('reports a policy that lets %s invoke the function', async (_, statement, principal) => {
    const wanted = (name: string) =>
      `problem: invokers: ${name} admits callers other than this API: ${principal}`;
    expect(await withPolicy('mint', LET_API_IN, statement)).toEqual([wanted('mint')]);
    expect(await withPolicy('links', LET_API_IN, DENY_OTHERS, statement)).toEqual([wanted('links')]);
  });

  const byRule = (arn: string): StatementFacts => ({
    ...LET_API_IN,
    principals: ['events.amazonaws.com'],
    conditions: [{ operator: 'ArnLike', key: 'aws:sourcearn', values: [arn] }],
  });

  test("passes if one of the stack's rules may invoke a function, and reports any other rule", async () => {
    expect(await withPolicy('mail', byRule('arn:aws:events:eu-west-1:111122223333:rule/bounces'))).toEqual(
      [],
    );
    expect(await withPolicy('mail', byRule('arn:aws:events:eu-west-1:111122223333:rule/eve'))).toEqual([
      'problem: invokers: mail admits callers other than this API: events.amazonaws.com',
    ]);
    const foreign = 'arn:aws:events:eu-west-1:444455556666:rule/bounces';
    expect(await withPolicy('mail', byRule(foreign))).toHaveLength(1);
  });

  test.each<[string, readonly StatementFacts[]]>([
    ['is missing', []],
    ['has no denial', [LET_API_IN]],
    ['denies one user', [LET_API_IN, { ...DENY_OTHERS, principals: ['arn:aws:iam::111122223333:user/eve'] }]],
    ['denies something else', [LET_API_IN, { ...DENY_OTHERS, actions: ['lambda:GetFunction'] }]],
    ['denies only this API', [LET_API_IN, { ...DENY_OTHERS, conditions: [byApi] }]],
    [
      'denies others only under a second condition',
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
  ])('reports that a function can be invoked without the API if its policy %s', async (_, statements) => {
    expect(await withPolicy('links', ...statements)).toEqual([INVOKED_DIRECTLY]);
  });

  test('reports an older version of the stack, in which any function can be invoked without the API', async () => {
    const { resources, ...stack } = await WELL.stack();
    const older = new Map([...resources].filter(([type]) => type !== 'AWS::Lambda::ResourcePolicy'));
    const account: Partial<Account> = { stack: async () => ({ ...stack, resources: older }) };
    expect(await troubles(account)).toEqual([
      'problem: invokers: no function denies callers other than this API: anyone in this account who has lambda:InvokeFunction can issue and revoke links on behalf of anyone',
    ]);
  });
});
