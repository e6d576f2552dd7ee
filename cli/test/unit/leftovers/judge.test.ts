import { describe, expect, test } from '@jest/globals';
import type { Account, KeyState, TaggedResource } from '../../../leftovers/account.ts';
import { findLeftovers } from '../../../leftovers/judge.ts';

const HOME = 'eu-central-1:111122223333';
const KEY = `arn:aws:kms:${HOME}:key/1f0c`;
const BUCKET = 'arn:aws:s3:::tvm-files';
const FUNCTION = `arn:aws:lambda:${HOME}:function:mint`;

function account(resources: readonly TaggedResource[], key: KeyState = { kind: 'gone' }): Account {
  return {
    resourcesOf: async (stackName) => (stackName === 'Vending' ? resources : []),
    stateOfKey: async () => key,
  };
}

const dev = (arn: string): TaggedResource => ({ arn, stage: 'dev' });
const prod = (arn: string): TaggedResource => ({ arn, stage: 'prod' });
const find = (...given: Parameters<typeof account>) => findLeftovers(account(...given), 'Vending');

describe('findLeftovers', () => {
  test('returns nothing if no resource has the tag of the stack', async () => {
    expect(await find([])).toEqual([]);
  });

  test('expects a key that is pending deletion, and names the day of the deletion in the reason', async () => {
    const deletedAt = new Date('2026-11-30T12:00:00Z');
    const [left] = await find([dev(KEY)], { kind: 'pending-deletion', deletedAt });
    expect(left).toMatchObject({
      kind: 'KMS key',
      expected: true,
      reason: expect.stringContaining('2026-11-30'),
    });
  });

  test('leaves out a deleted key that is still in the tag index', async () => {
    expect(await find([dev(KEY)], { kind: 'gone' })).toEqual([]);
  });

  test('does not expect a key of a dev stack unless the key is pending deletion', async () => {
    expect(await find([dev(KEY)], { kind: 'in-service' })).toMatchObject([{ expected: false }]);
  });

  test.each([
    ['DynamoDB table', `arn:aws:dynamodb:${HOME}:table/Tokens`],
    ['KMS key', KEY],
    ['log group', `arn:aws:logs:${HOME}:log-group:MintLogs`],
    ['bucket', BUCKET],
    ['SES identity', `arn:aws:ses:${HOME}:identity/example.org`],
  ])('expects a %s from a prod stack, but not from a dev stack', async (kind, arn) => {
    const key = { kind: 'in-service' } as const;
    expect(await find([prod(arn)], key)).toMatchObject([{ kind, expected: true }]);
    expect(await find([dev(arn)], key)).toMatchObject([{ kind, expected: false }]);
    expect(await find([{ arn, stage: undefined }], key)).toMatchObject([{ kind, expected: false }]);
  });

  test.each([
    ['API', 'arn:aws:apigateway:eu-central-1::/restapis/a1b2c3d4e5'],
    ['stack', `arn:aws:cloudformation:${HOME}:stack/Vending/7f`],
    ['alarm', `arn:aws:cloudwatch:${HOME}:alarm:Late`],
    ['event source mapping', `arn:aws:lambda:${HOME}:event-source-mapping:7f`],
    ['function', FUNCTION],
    ['SES configuration set', `arn:aws:ses:${HOME}:configuration-set/rules`],
    ['topic', `arn:aws:sns:${HOME}:Alarms`],
    ['queue', `arn:aws:sqs:${HOME}:MailQueue`],
    ['wafv2:regional', `arn:aws:wafv2:${HOME}:regional/webacl/x`],
  ])('does not expect a %s, even from a prod stack', async (kind, arn) => {
    expect(await find([prod(arn)])).toMatchObject([{ kind, expected: false }]);
  });

  test('expects the log role that other APIs use, but no other role', async () => {
    const role = (name: string) => dev(`arn:aws:iam::111122223333:role/Vending-${name}-1A`);
    expect(await find([role('ApiLogRole')])).toMatchObject([{ expected: true }]);
    expect(await find([role('MintRole')])).toMatchObject([{ expected: false }]);
  });

  test('returns unexpected leftovers first', async () => {
    const left = await find([prod(BUCKET), prod(FUNCTION)]);
    expect(left.map(({ arn }) => arn)).toEqual([FUNCTION, BUCKET]);
  });
});
