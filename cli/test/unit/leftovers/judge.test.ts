import { describe, expect, test } from '@jest/globals';
import type { Account, KeyState, TaggedResource } from '../../../leftovers/account.ts';
import { readCommandLine } from '../../../leftovers/command-line.ts';
import { findLeftovers } from '../../../leftovers/judge.ts';
import { leftoverReport } from '../../../leftovers/report.ts';

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

describe('what a destroyed stack left behind', () => {
  test('is nothing if nothing carries its tag', async () => {
    expect(await find([])).toEqual([]);
  });

  test('may be a key that waits for its deletion, with the day', async () => {
    const deletedAt = new Date('2026-11-30T12:00:00Z');
    const [left] = await find([dev(KEY)], { kind: 'pending-deletion', deletedAt });
    expect(left).toMatchObject({
      kind: 'KMS key',
      expected: true,
      reason: expect.stringContaining('2026-11-30'),
    });
  });

  test('is no key that is gone, though the index of tags still has it', async () => {
    expect(await find([dev(KEY)], { kind: 'gone' })).toEqual([]);
  });

  test('must not be a key of a dev stack that nobody deletes', async () => {
    expect(await find([dev(KEY)], { kind: 'in-service' })).toMatchObject([{ expected: false }]);
  });

  test.each([
    ['DynamoDB table', `arn:aws:dynamodb:${HOME}:table/Tokens`],
    ['KMS key', KEY],
    ['log group', `arn:aws:logs:${HOME}:log-group:MintLogs`],
    ['bucket', BUCKET],
    ['SES identity', `arn:aws:ses:${HOME}:identity/example.org`],
  ])('may be a %s of a prod stack, and must not be one of a dev stack', async (kind, arn) => {
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
  ])('must not be a %s, whatever the stage', async (kind, arn) => {
    expect(await find([prod(arn)])).toMatchObject([{ kind, expected: false }]);
  });

  test('may be the role that other APIs log with, and no other role', async () => {
    const role = (name: string) => dev(`arn:aws:iam::111122223333:role/Vending-${name}-1A`);
    expect(await find([role('ApiLogRole')])).toMatchObject([{ expected: true }]);
    expect(await find([role('MintRole')])).toMatchObject([{ expected: false }]);
  });

  test('is sorted, with what should not be there first', async () => {
    const left = await find([prod(BUCKET), prod(FUNCTION)]);
    expect(left.map(({ arn }) => arn)).toEqual([FUNCTION, BUCKET]);
  });
});

describe('the report', () => {
  const place = { stackName: 'Vending', region: 'eu-central-1' };

  test('says how it stands, and what it did not see', async () => {
    expect(leftoverReport([], place)).toMatch(
      /^Nothing is left of Vending in eu-central-1\.\nIAM roles .*operations\.md#destroy .*\n$/,
    );
    expect(leftoverReport(await find([prod(BUCKET)]), place)).toMatch(/Nothing unexpected is left /);
    expect(leftoverReport(await find([prod(BUCKET), prod(FUNCTION)]), place)).toMatch(
      /^1 of 2 should not be left of Vending in eu-central-1\.$/m,
    );
  });

  test('names each thing by its ARN with the reason', async () => {
    const report = leftoverReport(await find([dev(FUNCTION)]), place);
    expect(report).toContain(`UNEXPECTED  function  ${FUNCTION}`);
    expect(report).toContain('should have gone with the stack');
  });
});

describe('the command line', () => {
  const cdkJson = (tvm: object) => JSON.stringify({ app: 'x', context: { tvm } });

  test('looks for the stack of cdk.json, or for the one it is given', () => {
    expect(readCommandLine([], cdkJson({}))).toMatchObject({ stackName: 'TokenVendingMachine' });
    expect(readCommandLine([], '{"app": "x"}')).toMatchObject({ stackName: 'TokenVendingMachine' });
    expect(readCommandLine([], cdkJson({ stackName: 'Mine', stage: 'prod' }))).toMatchObject({
      stackName: 'Mine',
    });
    expect(readCommandLine(['--stack', 'Other', '--region', 'eu-west-1'], cdkJson({}))).toEqual({
      kind: 'look',
      stackName: 'Other',
      region: 'eu-west-1',
    });
  });

  test.each([
    [['--stak', 'Other'], "Unknown option '--stak'."],
    [['Other'], "Unexpected argument 'Other'."],
    [['--stack'], "Option '--stack <value>' argument missing."],
    [['--stack', 'no name'], '--stack takes the name of a stack, not "no name".'],
    [['--region', 'x.example/'], '--region takes a region such as eu-central-1, not "x.example/".'],
  ])('is misused with %j', (args, problem) => {
    expect(readCommandLine(args, cdkJson({}))).toEqual({ kind: 'misused', problem });
  });

  test('wants --stack if cdk.json has no name of one', () => {
    const wrong = cdkJson({ stackName: '1' });
    expect(readCommandLine([], wrong)).toEqual({
      kind: 'misused',
      problem: 'The stackName of cdk.json is no name of a stack: give one with --stack.',
    });
    expect(readCommandLine(['--stack', 'Other'], wrong)).toMatchObject({ stackName: 'Other' });
  });
});
