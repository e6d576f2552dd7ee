import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { projectContext } from '../../lib/app.ts';
import { configSchema, optionNames } from '../../lib/config.ts';
import { readConfig } from '../../lib/read-config.ts';
import { configErrorOf, problemsOf } from './config-problems.ts';

const messageOf = (context: Readonly<Record<string, unknown>>) => configErrorOf(context)?.message ?? '';

const SENDER_ELSEWHERE = 'files@example.com';

/** Returns a domain of this many characters, at least 75. */
const domainOf = (length: number) => `${'a'.repeat(63)}.${'b'.repeat(length - 68)}.org`;

describe('readConfig', () => {
  test('requires no options: each one has a default or can be left out', () => {
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
      proofOfWork: 'off',
      uploads: 'on',
      watermarks: 'off',
      secondChance: 'off',
      collections: 'off',
      presenceCode: 'off',
      uploadMaxBytes: 5_368_709_120,
      uploadTypes: expect.arrayContaining(['application/pdf', 'text/plain', 'image/png']),
      openUploadLimit: 20,
      uploadBytesPerDay: 53_687_091_200,
      uploadSessionHours: 24,
      events: false,
      scanAlarmGigabytesPerDay: 100,
      scanAlarmObjectsPerDay: 10_000,
      deletionAlarmPerHour: 100,
      delivery: 'redirect',
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
      network: 'public',
      endpointAccess: 'strict',
      subnetIds: [],
      routeTableIds: [],
      endpointIds: [],
      networkCidrs: [],
      fileTrail: false,
    });
  });

  test('reads options under tvm in cdk.json, and lets -c override each one', () => {
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
  ])('reads createIdentity=%p as %p', (given, meant) => {
    expect(readConfig({ createIdentity: given }).createIdentity).toBe(meant);
  });

  test.each(['yes', '1', '0', 'False', '', 1])(
    'rejects createIdentity=%p, which is neither true nor false',
    (given) => {
      expect(problemsOf({ createIdentity: given })).toEqual(['createIdentity: must be true or false']);
    },
  );

  test.each([
    ['5', 5],
    [' 300 ', 300],
    [45, 45],
  ])('reads downloadSeconds=%p as %p', (given, meant) => {
    expect(readConfig({ downloadSeconds: given }).downloadSeconds).toBe(meant);
  });

  test.each(['', '4', '301', '1e2', '0x20', '30.5', 30.5, 'abc', null, '-30', true])(
    'rejects downloadSeconds=%p',
    (given) => {
      expect(problemsOf({ downloadSeconds: given })).toEqual([
        'downloadSeconds: must be a whole number from 5 to 300',
      ]);
    },
  );

  test.each(['', '1st', 'a_b', 'a'.repeat(65), 'default'])('rejects stackName=%p', (given) => {
    expect(problemsOf({ stackName: given })).toEqual([expect.stringMatching(/^stackName: must /)]);
  });

  test('accepts a list as comma-separated text from -c and as an array from cdk.json', () => {
    const lists = readConfig({
      allowedRecipients: 'Ann@Example.org, example.com,',
      tvm: { allowedDomains: ['Example.ORG'] },
    });
    expect(lists.allowedRecipients).toEqual(['Ann@Example.org', 'example.com']);
    expect(lists.allowedDomains).toEqual(['example.org']);
    expect(readConfig({ allowedRecipients: '' }).allowedRecipients).toEqual([]);
  });

  test('rejects a list that is too long for the environment of a function', () => {
    const many = Array.from({ length: 100 }, (_, index) => `department-${index}.example.org`);
    expect(problemsOf({ allowedDomains: many })).toEqual([
      'allowedDomains: must not be longer than 700 characters in total',
    ]);
  });

  test('accepts origins as browsers send them, and plain HTTP only for localhost', () => {
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
  ])('rejects the origin %p', (given) => {
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
  ])('rejects the web ACL %p, which cannot be attached to an API', (given) => {
    expect(problemsOf({ webAclArn: given })).toEqual([
      'webAclArn: must be the ARN of a regional WAFv2 web ACL, arn:aws:wafv2:REGION:ACCOUNT:regional/webacl/NAME/ID',
    ]);
  });

  test.each(['not an address', 'a@b@c.org', 'Ann <ann@example.org>', 'ann@example.org\r\nBcc: x@y.org', ''])(
    'rejects the sender %p',
    (given) => {
      expect(problemsOf({ senderEmail: given })).toEqual([
        'senderEmail: must be an e-mail address such as files@example.org',
      ]);
    },
  );

  test.each([
    ...['localhost', 'https://example.org', 'example..org', '-a.org', 'a.b/c', '*.example.org'],
    domainOf(101),
  ])('rejects the domain %p', (given) => {
    expect(problemsOf({ senderDomain: given })).toEqual([
      'senderDomain: must be a domain of at most 100 characters, such as example.org',
    ]);
  });

  test('accepts a domain of 100 characters', () => {
    expect(readConfig({ senderDomain: domainOf(100) }).senderDomain).toBe(domainOf(100));
  });

  test('rejects a sender outside senderDomain or in a look-alike domain', () => {
    const problem = ['senderEmail: must be in senderDomain'];
    expect(problemsOf({ senderEmail: SENDER_ELSEWHERE, senderDomain: 'example.org' })).toEqual(problem);
    expect(problemsOf({ senderEmail: 'a@notexample.org', senderDomain: 'example.org' })).toEqual(problem);
    expect(readConfig({ senderEmail: 'a@mail.example.org', senderDomain: 'example.org' })).toBeDefined();
  });

  test('accepts media types in any case, and by default only those that browsers cannot execute', () => {
    expect(readConfig({ uploadTypes: 'Application/PDF, text/plain' }).uploadTypes).toEqual([
      'application/pdf',
      'text/plain',
    ]);
    const usual = readConfig({}).uploadTypes;
    expect(readConfig({ uploadTypes: [...usual] }).uploadTypes).toEqual(usual);
    expect(usual.filter((type) => /html|svg|script|octet-stream/.test(type))).toEqual([]);
  });

  test.each(['pdf', 'image/*', '*/*', 'text/plain; charset=utf-8', 'text/', '/plain'])(
    'rejects the media type %p',
    (given) => {
      expect(problemsOf({ uploadTypes: [given] })).toEqual([
        'uploadTypes.0: must be a media type such as application/pdf',
      ]);
    },
  );

  const OIDC = {
    oidcIssuer: 'https://login.example.org/tenant',
    oidcAudience: 'files',
    oidcTenantClaim: 'org_id',
  };

  test.each([OIDC.oidcIssuer, 'http://127.0.0.1:4711'])(
    'accepts the three OpenID Connect options together, with the issuer %s',
    (oidcIssuer) => {
      expect(readConfig({ ...OIDC, oidcIssuer })).toMatchObject({ ...OIDC, oidcIssuer });
    },
  );

  test.each(['oidcIssuer', 'oidcAudience', 'oidcTenantClaim'] as const)(
    'rejects the OpenID Connect options without %s',
    (left) => {
      const { [left]: _, ...others } = OIDC;
      expect(problemsOf(others)).toEqual([
        `${left}: is required together with the other options of OpenID Connect`,
      ]);
    },
  );

  const PROXY = { proxyOrigin: 'https://files.example.org', proxySecretSha256: 'a1'.repeat(32) };

  test('accepts a reverse proxy, whether or not it delivers files', () => {
    expect(readConfig(PROXY)).toMatchObject({ ...PROXY, delivery: 'redirect' });
    expect(readConfig({ ...PROXY, delivery: 'proxy' })).toMatchObject({ ...PROXY, delivery: 'proxy' });
  });

  test.each(['proxyOrigin', 'proxySecretSha256'] as const)('rejects a reverse proxy without %s', (left) => {
    const { [left]: _, ...others } = PROXY;
    const missing = `${left}: is required together with the other options of the reverse proxy`;
    expect(problemsOf(others)).toEqual([missing]);
    expect(problemsOf({ ...others, delivery: 'proxy' })).toEqual([missing]);
  });

  test('rejects delivery by a reverse proxy if no proxy is configured', () => {
    expect(problemsOf({ delivery: 'proxy' })).toHaveLength(2);
  });

  test.each(['a secret itself', 'A1'.repeat(32), 'a1'.repeat(31), 'a1'.repeat(33)])(
    'rejects %p as the hash of a secret, without repeating it',
    (proxySecretSha256) => {
      expect(problemsOf({ ...PROXY, proxySecretSha256 })).toEqual([
        'proxySecretSha256: must be a SHA-256 in hex, 64 lowercase digits',
      ]);
    },
  );

  test.each([
    'http://login.example.org',
    'http://127.0.0.1.example.org',
    'login.example.org',
    'https://login.example.org/?a=b',
  ])('rejects the issuer %p', (oidcIssuer) => {
    expect(new Set(problemsOf({ ...OIDC, oidcIssuer }))).toEqual(
      new Set(['oidcIssuer: must be an https URL without query and fragment, of at most 300 characters']),
    );
  });

  test('reports all problems together', () => {
    const problems = problemsOf({
      tvm: { stage: 'test', waf: true, linkLifetimeMinutes: 1 },
      logRetentionDays: '8',
      senderEmail: SENDER_ELSEWHERE,
      senderDomain: 'example.org',
      sendrEmail: 'files@example.org',
      'stack-name': 'x',
    });
    expect(problems.map((problem) => /^(?:Unknown option: )?([\w-]+)/.exec(problem)?.[1]).toSorted()).toEqual(
      ['linkLifetimeMinutes', 'logRetentionDays', 'senderEmail', 'sendrEmail', 'stack-name', 'stage', 'waf'],
    );
  });

  test.each([
    ['sendrEmail', 'senderEmail'],
    ['stack-name', 'stackName'],
    ['STAGE', 'stage'],
    ['linkLifetimeMinute', 'linkLifetimeMinutes'],
    ['downloadSecs', 'downloadSeconds'],
    ['allowedDomain', 'allowedDomains'],
  ])('suggests the nearest option for the unknown option %s', (written, meant) => {
    expect(problemsOf({ [written]: 'x' })).toEqual([`Unknown option: ${written}. Did you mean ${meant}?`]);
  });

  test.each(['waf', 'colour', 'x'])('suggests nothing for %s, which resembles no option', (written) => {
    expect(problemsOf({ [written]: 'x' })).toEqual([`Unknown option: ${written}`]);
  });

  test('lists all options once, in lines of at most 80 characters, if an option is unknown', () => {
    const [before = '', after = ''] = messageOf({ waf: true, color: 'red' }).split('The options are:\n');
    expect(before).toBe('Invalid deployment options:\n  - Unknown option: waf\n  - Unknown option: color\n');
    expect(after.trim().split(/,\s+/)).toEqual([...optionNames]);
    const lines = after.split('\n');
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(line).toMatch(/^ {4}\S.{1,75}$/);
    expect(messageOf({ stage: 'test' })).not.toContain('The options are');
  });

  test('rejects options that are not an object', () => {
    for (const tvm of ['{}', [], 1, true]) expect(problemsOf({ tvm })).toEqual(['tvm: must be an object']);
  });

  test("ignores the CDK's own context keys", () => {
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

  test('describes every option for the table in the manual', () => {
    const { properties = {} } = z.toJSONSchema(configSchema, { io: 'output' });
    expect(Object.keys(properties)).toEqual([...optionNames]);
    for (const name of optionNames)
      expect(properties[name]).toMatchObject({ description: expect.any(String) });
    expect(properties.downloadSeconds).toMatchObject({ default: 30, minimum: 5, maximum: 300 });
  });
});
