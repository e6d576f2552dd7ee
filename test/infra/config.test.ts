import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { projectContext } from '../../lib/app.ts';
import { configSchema, optionNames } from '../../lib/config.ts';
import { ConfigError, readConfig } from '../../lib/read-config.ts';

function errorOf(context: Readonly<Record<string, unknown>>): ConfigError {
  try {
    readConfig(context);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('These options were accepted');
}

const problemsOf = (context: Readonly<Record<string, unknown>>) => errorOf(context).problems;
const messageOf = (context: Readonly<Record<string, unknown>>) => errorOf(context).message;

describe('the options of a deployment', () => {
  test('are complete without any: every other one has a default', () => {
    expect(readConfig({})).toEqual({
      stage: 'dev',
      stackName: 'TokenVendingMachine',
      linkLifetimeMinutes: 15,
      downloadSeconds: 30,
      sourceLimitPerHour: 60,
      addressLimitPerHour: 5,
      addressLimitPerDay: 10,
      addressCooldownSeconds: 60,
      sourceMailLimitPerDay: 15,
      formMailLimitPerDay: 150,
      programMailLimitPerDay: 50,
      callerMailLimitPerDay: 25,
      streamConcurrency: 4,
      allowedRecipients: [],
      allowedDomains: [],
      allowedOrigins: [],
      ledgerRetentionDays: 365,
      receiptRetentionDays: 365,
      logRetentionDays: 30,
      apiLogRole: 'create',
      oldVersionDays: 30,
      storageClass: 'STANDARD',
      storageClassAfterDays: 30,
      requestAlarmPerHour: 10_000,
    });
  });

  test('stand in cdk.json under tvm, and one of -c overrides its own only', () => {
    const config = readConfig({
      tvm: { downloadSeconds: 60, linkLifetimeMinutes: 20 },
      downloadSeconds: '10',
    });
    expect(config).toMatchObject({ downloadSeconds: 10, linkLifetimeMinutes: 20 });
  });

  test.each([
    ['true', true],
    ['false', false],
    [true, true],
    [false, false],
  ])('read createIdentity=%p as %p', (given, meant) => {
    expect(readConfig({ createIdentity: given }).createIdentity).toBe(meant);
  });

  test.each(['yes', '1', '0', 'False', '', 1])(
    'refuse createIdentity=%p, which is neither true nor false',
    (given) => {
      expect(problemsOf({ createIdentity: given })).toEqual(['createIdentity: must be true or false']);
    },
  );

  test.each([
    ['5', 5],
    [' 300 ', 300],
    [45, 45],
  ])('read downloadSeconds=%p as %p', (given, meant) => {
    expect(readConfig({ downloadSeconds: given }).downloadSeconds).toBe(meant);
  });

  test.each(['', '4', '301', '1e2', '0x20', '30.5', 30.5, 'abc', null, '-30', true])(
    'refuse downloadSeconds=%p',
    (given) => {
      expect(problemsOf({ downloadSeconds: given })).toEqual([
        'downloadSeconds: must be a whole number from 5 to 300',
      ]);
    },
  );

  test('take a list with commas from -c, and as a list from cdk.json', () => {
    const lists = readConfig({
      allowedRecipients: 'Ann@Example.org, example.com,',
      tvm: { allowedDomains: ['Example.ORG'] },
    });
    expect(lists.allowedRecipients).toEqual(['Ann@Example.org', 'example.com']);
    expect(lists.allowedDomains).toEqual(['example.org']);
    expect(readConfig({ allowedRecipients: '' }).allowedRecipients).toEqual([]);
  });

  test('refuse a list that would not fit into the environment of a function', () => {
    const many = Array.from({ length: 100 }, (_, index) => `department-${index}.example.org`);
    expect(problemsOf({ allowedDomains: many })).toEqual([
      'allowedDomains: must not be longer than 800 characters in all',
    ]);
  });

  test('take origins as browsers send them, plain HTTP from this machine alone', () => {
    const origins = ['https://www.example.org', 'https://example.org:8443', 'http://localhost:3000'];
    expect(readConfig({ allowedOrigins: origins.join(',') }).allowedOrigins).toEqual(origins);
  });

  test.each([
    '*',
    'null',
    'example.org',
    'http://example.org',
    'https://example.org/',
    'https://example.org/form',
    'https://Example.org',
    'https://example.org:443',
    'https://*.example.org',
  ])('refuse the origin %p, which no browser sends or no site should have', (given) => {
    expect(problemsOf({ allowedOrigins: given })).toEqual([
      'allowedOrigins.0: must be an origin such as https://www.example.org, without a path',
    ]);
  });

  test.each([
    'arn:aws:wafv2:us-east-1:111122223333:global/webacl/files/a1b2c3d4-5678-90ab-cdef-0123456789ab',
    'arn:aws:wafv2:eu-central-1:111122223333:regional/rulegroup/files/a1b2c3d4-5678-90ab-cdef-0123456789ab',
    'arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/files',
    'arn:aws:waf-regional:eu-central-1:111122223333:webacl/a1b2c3d4-5678-90ab-cdef-0123456789ab',
    'a1b2c3d4-5678-90ab-cdef-0123456789ab',
    '',
  ])('refuse the web ACL %p, which cannot stand before an API', (given) => {
    expect(problemsOf({ webAclArn: given })).toEqual([
      'webAclArn: must be the ARN of a regional WAFv2 web ACL, arn:aws:wafv2:REGION:ACCOUNT:regional/webacl/NAME/ID',
    ]);
  });

  test.each(['not an address', 'a@b@c.org', 'Ann <ann@example.org>', 'ann@example.org\r\nBcc: x@y.org', ''])(
    'refuse the sender %p',
    (given) => {
      expect(problemsOf({ senderEmail: given })).toEqual([
        'senderEmail: must be an e-mail address such as files@example.org',
      ]);
    },
  );

  test.each(['localhost', 'https://example.org', 'example..org', '-a.org', 'a.b/c', '*.example.org'])(
    'refuse the domain %p',
    (given) => {
      expect(problemsOf({ senderDomain: given })).toEqual([
        'senderDomain: must be a domain such as example.org',
      ]);
    },
  );

  test('refuse a sender outside its domain, and one in a look-alike of it', () => {
    const problem = ['senderEmail: must lie in senderDomain'];
    expect(problemsOf({ senderEmail: SENDER_ELSEWHERE, senderDomain: 'example.org' })).toEqual(problem);
    expect(problemsOf({ senderEmail: 'a@notexample.org', senderDomain: 'example.org' })).toEqual(problem);
    expect(readConfig({ senderEmail: 'a@mail.example.org', senderDomain: 'example.org' })).toBeDefined();
  });

  test('have all their problems listed at once, by name', () => {
    const problems = problemsOf({
      tvm: { stage: 'test', waf: true, linkLifetimeMinutes: 1 },
      logRetentionDays: '8',
      senderEmail: SENDER_ELSEWHERE,
      senderDomain: 'example.org',
      sendrEmail: 'files@example.org',
      'stack-name': 'x',
    });
    expect(problems.map((problem) => problem.split(':')[0]).toSorted()).toEqual([
      'linkLifetimeMinutes',
      'logRetentionDays',
      'senderEmail',
      'sendrEmail',
      'stack-name',
      'stage',
      'waf',
    ]);
  });

  test.each([
    ['sendrEmail', 'senderEmail'],
    ['stack-name', 'stackName'],
    ['STAGE', 'stage'],
    ['linkLifetimeMinute', 'linkLifetimeMinutes'],
    ['downloadSecs', 'downloadSeconds'],
    ['allowedDomain', 'allowedDomains'],
  ])('name the one that is nearest to %s, which is none', (written, meant) => {
    expect(problemsOf({ [written]: 'x' })).toEqual([`${written}: is no option; did you mean ${meant}?`]);
  });

  test.each(['waf', 'colour', 'x'])(
    'name none that is nearest to %s, which is like none of them',
    (written) => {
      expect(problemsOf({ [written]: 'x' })).toEqual([`${written}: is no option`]);
    },
  );

  test('are listed once, on lines of 80 characters, if one is written that is none', () => {
    const [before = '', after = ''] = messageOf({ waf: true, color: 'red' }).split('The options are:\n');
    expect(before).toBe(
      'The options of this deployment need attention:\n  - waf: is no option\n  - color: is no option\n',
    );
    expect(after.trim().split(/,\s+/)).toEqual([...optionNames]);
    const lines = after.split('\n');
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(line).toMatch(/^ {4}\S.{1,75}$/);
    expect(messageOf({ stage: 'test' })).not.toContain('The options are');
  });

  test('must be an object', () => {
    for (const tvm of ['{}', [], 1, true])
      expect(problemsOf({ tvm })).toEqual(['tvm: must be an object of options']);
  });

  test('do not include what the CDK keeps in context for itself', () => {
    const config = readConfig({
      ...projectContext(),
      'aws:cdk:bundling-stacks': ['**'],
      'availability-zones:account=123456789012:region=eu-west-1': ['eu-west-1a'],
      'acknowledged-issue-numbers': [12345],
      'cli-telemetry': false,
      '@acme/flag': true,
    });
    expect(config).toEqual(readConfig({}));
  });

  test('describe themselves, so that their table can be made from them', () => {
    const { properties = {} } = z.toJSONSchema(configSchema, { io: 'output' });
    expect(Object.keys(properties)).toEqual([...optionNames]);
    for (const name of optionNames)
      expect(properties[name]).toMatchObject({ description: expect.any(String) });
    expect(properties.downloadSeconds).toMatchObject({ default: 30, minimum: 5, maximum: 300 });
  });
});

const SENDER_ELSEWHERE = 'files@example.com';
