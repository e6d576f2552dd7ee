import { describe, expect, test } from '@jest/globals';
import type { AccessRequest } from '../../src/access.ts';
import type { Principal } from '../../src/access-keys.ts';
import { createAuthorizer } from '../../src/iam/authorizer.ts';
import type { PolicyDocument, PolicyStatement } from '../../src/iam/policy-document.ts';

const ACCOUNT = '000000000000';
const KEY = `arn:aws:kms:us-east-1:${ACCOUNT}:key/data`;
const TABLE = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/tokens`;
const FILE = 'arn:aws:s3:::files/gated/a.pdf';

const document = (...statements: PolicyStatement[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: statements,
});

const allow = (
  Action: string,
  Resource: string,
  Condition?: NonNullable<PolicyStatement['Condition']>,
): PolicyStatement => ({ Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) });

const principals: Readonly<Record<string, Principal>> = {
  ROLE: { kind: 'role', name: 'redeem', arn: 'unused', userId: 'AROA:redeem' },
  STRANGER: {
    kind: 'role',
    name: 'stranger',
    arn: 'arn:aws:sts::000000000000:assumed-role/s/s',
    userId: 'S',
  },
  GUEST: {
    kind: 'user',
    name: 'guest',
    arn: `arn:aws:iam::${ACCOUNT}:user/guest`,
    userId: 'AIDAGUEST',
  },
  OPERATOR: {
    kind: 'user',
    name: 'operator',
    arn: `arn:aws:iam::${ACCOUNT}:user/operator`,
    userId: 'AIDA',
  },
};

/** Creates an authorizer for the function `redeem`, given its role's statements and the resources' policies. */
function iam(statements: PolicyStatement[], resources: Readonly<Record<string, PolicyDocument>> = {}) {
  const policies = {
    functions: new Map([
      [
        'redeem',
        {
          sessionName: 'Stack-RedeemFunction',
          roleName: 'Stack-RedeemRole',
          policies: [{ name: 'permissions', policy: document(...statements) }],
        },
      ],
    ]),
    services: new Map(),
    resources: new Map(Object.entries(resources)),
  };
  const authorize = createAuthorizer({
    policies,
    implied: (request) =>
      request.resource === TABLE
        ? [
            {
              ...request,
              action: 'kms:Decrypt',
              resource: KEY,
              conditions: { ...request.conditions, 'kms:ViaService': 'dynamodb.us-east-1.amazonaws.com' },
            },
          ]
        : [],
    accessKeys: { principalOf: (id) => principals[id] },
    region: 'us-east-1',
    accountId: ACCOUNT,
    clock: () => new Date('2031-05-01T12:00:00Z'),
  });
  return async (action: string, resource: string, more: Partial<AccessRequest> = {}) =>
    authorize({ accessKeyId: 'ROLE', action, resource, signatureAgeMs: 0, conditions: {}, ...more });
}

const OWNED_KEY = document({
  ...allow('kms:*', '*'),
  Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
});

const caller = `arn:aws:sts::${ACCOUNT}:assumed-role/Stack-RedeemRole/Stack-RedeemFunction`;

describe('the authorizer', () => {
  test("allows only the calls that a role's policies allow, and names the caller, the call, and the reason in a denial", async () => {
    const ask = iam([allow('s3:GetObject', 'arn:aws:s3:::files/gated/*')]);
    expect(await ask('s3:GetObject', FILE)).toEqual({ allowed: true });
    expect(await ask('s3:GetObject', 'arn:aws:s3:::files/else/a.pdf')).toEqual({
      allowed: false,
      name: 'redeem',
      caller,
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::files/else/a.pdf',
      reason: 'because no identity-based policy allows the s3:GetObject action',
    });
    expect(await ask('s3:GetObjectVersion', FILE)).toMatchObject({ allowed: false });
  });

  test('treats a wildcard in a resource name as an ordinary character that a policy wildcard can match', async () => {
    const ask = iam([allow('s3:GetObject', 'arn:aws:s3:::files/gated/*')]);
    for (const name of ['gated/*', 'gated/a?b*c', 'gated/\u0024{aws:username}']) {
      expect([name, await ask('s3:GetObject', `arn:aws:s3:::files/${name}`)]).toEqual([
        name,
        { allowed: true },
      ]);
    }
    for (const name of ['*', 'gate?/a', '*/a']) {
      expect([name, await ask('s3:GetObject', `arn:aws:s3:::files/${name}`)]).toMatchObject([
        name,
        { allowed: false },
      ]);
    }
  });

  test('enforces a deny in a resource policy, even for an administrator', async () => {
    const ask = iam([allow('s3:GetObject', `${FILE}`)], {
      'arn:aws:s3:::files': document({
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: 'arn:aws:s3:::files/*',
        Condition: { NumericGreaterThan: { 's3:signatureAge': '30000' } },
      }),
    });
    const aged = (age: string) => ({ conditions: { 's3:signatureAge': age } });
    for (const accessKeyId of ['ROLE', 'OPERATOR']) {
      expect(await ask('s3:GetObject', FILE, { accessKeyId, ...aged('30000') })).toEqual({ allowed: true });
      expect(await ask('s3:GetObject', FILE, { accessKeyId, ...aged('30001') })).toMatchObject({
        allowed: false,
        reason: 'with an explicit deny in a resource-based policy',
      });
    }
  });

  test('denies the use of a KMS key that has no key policy', async () => {
    const grant = [allow('kms:GenerateMac', KEY, { StringEquals: { 'kms:MacAlgorithm': 'HMAC_SHA_256' } })];
    const mac = (algorithm: string) => ({ conditions: { 'kms:MacAlgorithm': algorithm } });
    const owned = iam(grant, { [KEY]: OWNED_KEY });
    expect(await owned('kms:GenerateMac', KEY, mac('HMAC_SHA_256'))).toEqual({ allowed: true });
    expect(await owned('kms:GenerateMac', KEY, mac('HMAC_SHA_512'))).toMatchObject({ allowed: false });
    expect(await iam(grant)('kms:GenerateMac', KEY, mac('HMAC_SHA_256'))).toMatchObject({
      allowed: false,
      reason: 'because no resource-based policy allows the kms:GenerateMac action',
    });
  });

  test('denies a call if the service is not allowed to use the KMS key on behalf of the caller', async () => {
    const put = allow('dynamodb:PutItem', TABLE);
    const key = (service: string) =>
      allow('kms:Decrypt', KEY, { StringEquals: { 'kms:ViaService': `${service}.us-east-1.amazonaws.com` } });
    const keys = { [KEY]: OWNED_KEY };
    expect(await iam([put, key('dynamodb')], keys)('dynamodb:PutItem', TABLE)).toEqual({ allowed: true });
    expect(await iam([put, key('s3')], keys)('dynamodb:PutItem', TABLE)).toMatchObject({
      allowed: false,
      action: 'kms:Decrypt',
      resource: KEY,
    });
    expect(await iam([key('dynamodb')], keys)('dynamodb:PutItem', TABLE)).toMatchObject({
      allowed: false,
      action: 'dynamodb:PutItem',
    });
  });

  test.each([
    ['aws:PrincipalArn', `arn:aws:iam::${ACCOUNT}:role/Stack-RedeemRole`],
    ['aws:PrincipalAccount', ACCOUNT],
    ['aws:RequestedRegion', 'us-east-1'],
    ['aws:userid', 'AROA:Stack-RedeemFunction'],
    ['aws:SecureTransport', 'true'],
  ])('supports conditions on %s', async (key, value) => {
    const conditions = { 'aws:SecureTransport': 'true' };
    const on = (wanted: string) => iam([allow('s3:GetObject', FILE, { StringEquals: { [key]: wanted } })]);
    expect(await on(value)('s3:GetObject', FILE, { conditions })).toEqual({ allowed: true });
    expect(await on('other')('s3:GetObject', FILE, { conditions })).toMatchObject({ allowed: false });
  });

  describe('with a bucket policy that lets only a pipeline read objects that are not tagged as clean', () => {
    const TAG = 's3:ExistingObjectTag/scan';
    const [role, user] = [
      `arn:aws:iam::${ACCOUNT}:role/Stack-RedeemRole`,
      `arn:aws:iam::${ACCOUNT}:user/operator`,
    ];
    const quarantine = (pipeline: string) =>
      iam([allow('s3:GetObject*', '*')], {
        'arn:aws:s3:::files': document({
          Effect: 'Deny',
          Principal: '*',
          Action: ['s3:GetObject', 's3:GetObjectVersion'],
          Resource: 'arn:aws:s3:::files/gated/*',
          Condition: { StringNotEquals: { [TAG]: 'clean' }, ArnNotEquals: { 'aws:PrincipalArn': pipeline } },
        }),
      });

    test.each([
      ['without the tag', {}],
      ['with another tag', { 's3:ExistingObjectTag/other': 'clean' }],
      ['with a different value for the tag', { [TAG]: 'infected' }],
    ])('lets only the pipeline read an object %s', async (_, conditions) => {
      for (const action of ['s3:GetObject', 's3:GetObjectVersion']) {
        expect(await quarantine(user)(action, FILE, { conditions })).toMatchObject({
          allowed: false,
          reason: 'with an explicit deny in a resource-based policy',
        });
        const operator = { accessKeyId: 'OPERATOR', conditions };
        expect(await quarantine(role)(action, FILE, operator)).toMatchObject({ allowed: false });
        expect(await quarantine(role)(action, FILE, { conditions })).toEqual({ allowed: true });
      }
    });

    test('lets any caller with s3:GetObject* permissions read a clean object', async () => {
      const ask = quarantine(user);
      const [clean, other] = ['clean', 'infected'].map((scan) => ({ conditions: { [TAG]: scan } }));
      expect(await ask('s3:GetObjectVersion', FILE, clean)).toEqual({ allowed: true });
      // The decision for one value of the tag must not be reused for another value.
      expect(await ask('s3:GetObjectVersion', FILE, other)).toMatchObject({ allowed: false });
      expect(await ask('s3:GetObjectVersion', FILE)).toMatchObject({ allowed: false });
    });
  });

  test('supports a bucket policy that requires If-None-Match for all writes except uploads of parts', async () => {
    const ask = iam([allow('s3:PutObject', '*')], {
      'arn:aws:s3:::files': document({
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:PutObject',
        Resource: 'arn:aws:s3:::files/*',
        Condition: { Null: { 's3:if-none-match': 'true' }, Bool: { 's3:ObjectCreationOperation': 'true' } },
      }),
    });
    const put = async (conditions: Record<string, string>) =>
      (await ask('s3:PutObject', FILE, { conditions })).allowed;
    expect(await put({ 's3:ObjectCreationOperation': 'true', 's3:if-none-match': '*' })).toBe(true);
    expect(await put({ 's3:ObjectCreationOperation': 'true' })).toBe(false);
    expect(await put({ 's3:ObjectCreationOperation': 'false' })).toBe(true);
  });

  test('supports conditions on the current time', async () => {
    const on = (operator: string) =>
      iam([allow('s3:GetObject', FILE, { [operator]: { 'aws:CurrentTime': '2031-05-01T12:00:01Z' } })]);
    expect(await on('DateLessThan')('s3:GetObject', FILE)).toEqual({ allowed: true });
    expect(await on('DateGreaterThan')('s3:GetObject', FILE)).toMatchObject({ allowed: false });
  });

  test('supports conditions on the sender and all recipients of an e-mail', async () => {
    const identity = `arn:aws:ses:us-east-1:${ACCOUNT}:identity/files@example.com`;
    const ask = iam([
      allow('ses:SendEmail', `arn:aws:ses:us-east-1:${ACCOUNT}:identity/*`, {
        StringEquals: { 'ses:FromAddress': 'files@example.com' },
        'ForAllValues:StringLike': { 'ses:Recipients': '*@example.org' },
      }),
    ]);
    const mail = (from: string, ...to: string[]) => ({
      conditions: { 'ses:FromAddress': from, 'ses:Recipients': to },
    });
    const sent = (from: string, ...to: string[]) => ask('ses:SendEmail', identity, mail(from, ...to));
    expect(await sent('files@example.com', 'a@example.org', 'b@example.org')).toEqual({ allowed: true });
    expect(await sent('boss@example.com', 'a@example.org')).toMatchObject({ allowed: false });
    expect(await sent('files@example.com', 'a@example.org', 'b@example.net')).toMatchObject({
      allowed: false,
    });
  });

  test('lets the operator use everything except a KMS key without a key policy, and lets callers without policies use nothing', async () => {
    const ask = iam([]);
    for (const [action, resource] of [
      ['dynamodb:CreateTable', TABLE],
      ['s3:ListAllMyBuckets', '*'],
      ['sqs:CreateQueue', `arn:aws:sqs:us-east-1:${ACCOUNT}:mails`],
      ['execute-api:Invoke', `arn:aws:execute-api:us-east-1:${ACCOUNT}:api/v1/POST/links`],
    ] as const) {
      expect([action, await ask(action, resource, { accessKeyId: 'OPERATOR' })]).toMatchObject([
        action,
        // Creating the table also uses its KMS key, which has no key policy.
        { allowed: resource !== TABLE },
      ]);
      for (const accessKeyId of ['STRANGER', 'GUEST']) {
        expect(await ask(action, resource, { accessKeyId })).toMatchObject({ allowed: false });
      }
    }
  });

  test('denies a call that the simulator cannot evaluate', async () => {
    const ask = iam([allow('*', '*')]);
    expect(await ask('s3:NoSuchAction', FILE)).toMatchObject({
      allowed: false,
      reason: 'because local mode cannot evaluate it: invalid.action',
    });
  });
});
