import { describe, expect, test } from '@jest/globals';
import { impliedCalls } from '../../src/iam/implied-calls.ts';
import { applicableTo, type PolicyStatement } from '../../src/iam/policy-document.ts';
import { readPolicies } from '../../src/iam/stack-policies.ts';
import { openStackModel } from '../../src/template/stack-model.ts';
import { parseTemplate } from '../../src/template/template.ts';

const place = {
  region: 'us-east-1',
  accountId: '000000000000',
  stackName: 'Stack',
  queueUrl: (name: string) => `http://127.0.0.1:1/000000000000/${name}`,
};

const document = (Resource: unknown) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource }],
});

const role = (Properties: object) => ({ Type: 'AWS::IAM::Role', Properties });
const lambda = { Type: 'AWS::Lambda::Function', Properties: { Role: { 'Fn::GetAtt': ['R', 'Arn'] } } };

const modelOf = (Resources: object) => openStackModel(parseTemplate({ Resources }), place);

const redeem = { shortName: 'redeem', arn: 'arn:aws:lambda:us-east-1:000000000000:function:Stack-F' };
const bucketArn = { 'Fn::GetAtt': ['B', 'Arn'] };

describe('the policies in the template', () => {
  test('a function has the inline and attached policies of its role, with resolved references', () => {
    const model = modelOf({
      B: { Type: 'AWS::S3::Bucket' },
      F: lambda,
      R: role({ Policies: [{ PolicyName: 'permissions', PolicyDocument: document(bucketArn) }] }),
      P: {
        Type: 'AWS::IAM::Policy',
        Properties: { PolicyName: 'more', PolicyDocument: document('*'), Roles: [{ Ref: 'R' }] },
      },
      Other: {
        Type: 'AWS::IAM::Policy',
        Properties: { PolicyName: 'else', PolicyDocument: document('*'), Roles: ['another'] },
      },
    });
    expect(readPolicies(model, [redeem]).functions.get('redeem')).toEqual({
      sessionName: 'Stack-F',
      roleName: 'Stack-R',
      policies: [
        { name: 'permissions', policy: document('arn:aws:s3:::stack-b') },
        { name: 'more', policy: document('*') },
      ],
    });
  });

  test.each([
    ['a managed policy', { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] }],
    ['a permissions boundary', { PermissionsBoundary: 'arn:aws:iam::000000000000:policy/limit' }],
  ])('a role with %s is rejected, because that policy is not in the template', (_what, properties) => {
    const model = modelOf({ F: lambda, R: role(properties) });
    expect(() => readPolicies(model, [redeem])).toThrow(/cannot create the resource R/);
  });

  test('a function whose role is not part of the stack is rejected', () => {
    const model = modelOf({ F: { ...lambda, Properties: { Role: 'arn:aws:iam::1:role/x' } } });
    expect(() => readPolicies(model, [redeem])).toThrow('The role of redeem is not part of this stack.');
  });

  test('the policies of buckets, queues, keys, and tables are keyed by resource ARN', () => {
    const PolicyDocument = document('*');
    const model = modelOf({
      B: { Type: 'AWS::S3::Bucket' },
      BP: { Type: 'AWS::S3::BucketPolicy', Properties: { Bucket: { Ref: 'B' }, PolicyDocument } },
      Q: { Type: 'AWS::SQS::Queue' },
      QP: { Type: 'AWS::SQS::QueuePolicy', Properties: { Queues: [{ Ref: 'Q' }], PolicyDocument } },
      K: { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: PolicyDocument } },
      T: { Type: 'AWS::DynamoDB::Table', Properties: { ResourcePolicy: { PolicyDocument } } },
      Plain: { Type: 'AWS::DynamoDB::Table' },
    });
    const arns = [...readPolicies(model, []).resources.keys()];
    expect(arns).toEqual([
      'arn:aws:s3:::stack-b',
      'arn:aws:sqs:us-east-1:000000000000:Stack-Q',
      expect.stringMatching(/^arn:aws:kms:us-east-1:000000000000:key\//),
      'arn:aws:dynamodb:us-east-1:000000000000:table/Stack-T',
    ]);
  });
});

describe('applicableTo', () => {
  const statement = (Sid: string, actions: object): PolicyStatement => ({
    Sid,
    Effect: 'Allow',
    Resource: '*',
    ...actions,
  });
  const policies = [
    {
      name: 'mixed',
      policy: {
        Version: '2012-10-17' as const,
        Statement: [
          statement('exact', { Action: ['s3:PutObject', 's3:getobject'] }),
          statement('wildcard', { Action: 's3:Get*' }),
          statement('one-character', { Action: 's?:GetObject' }),
          statement('all', { Action: '*' }),
          statement('all-others', { NotAction: 's3:PutObject' }),
          statement('longer', { Action: 's3:GetObjectVersion' }),
          statement('dot-is-not-a-wildcard', { Action: 's3.GetObject' }),
        ],
      },
    },
    {
      name: 'other',
      policy: { Version: '2012-10-17' as const, Statement: [statement('x', { Action: 'kms:*' })] },
    },
  ];

  test('keeps statements whose Action matches, ignoring case, and statements with NotAction', () => {
    const left = applicableTo(policies, 's3:GetObject');
    expect(left.map(({ name, policy }) => [name, policy.Statement.map(({ Sid }) => Sid)])).toEqual([
      ['mixed', ['exact', 'wildcard', 'one-character', 'all', 'all-others']],
    ]);
  });
});

describe('implied calls', () => {
  const model = modelOf({
    K: { Type: 'AWS::KMS::Key' },
    T: {
      Type: 'AWS::DynamoDB::Table',
      Properties: { SSESpecification: { KMSMasterKeyId: { 'Fn::GetAtt': ['K', 'Arn'] } } },
    },
    Plain: { Type: 'AWS::DynamoDB::Table' },
    Q: { Type: 'AWS::SQS::Queue', Properties: { KmsMasterKeyId: { Ref: 'K' } } },
  });
  const implied = (action: string, resource: string) =>
    impliedCalls(model)({
      accessKeyId: 'ROLE',
      action,
      resource: `arn:aws:${resource}`,
      signatureAgeMs: 0,
      conditions: {},
    }).map((call) => [call.action, call.conditions['kms:ViaService']]);

  const TABLE = 'dynamodb:us-east-1:000000000000:table/Stack-T';
  const QUEUE = 'sqs:us-east-1:000000000000:Stack-Q';
  const viaSqs = 'sqs.us-east-1.amazonaws.com';
  const viaDynamoDb = 'dynamodb.us-east-1.amazonaws.com';

  test.each([
    [
      'sqs:SendMessage',
      QUEUE,
      [
        ['kms:GenerateDataKey', viaSqs],
        ['kms:Decrypt', viaSqs],
      ],
    ],
    ['sqs:ReceiveMessage', QUEUE, [['kms:Decrypt', viaSqs]]],
    ['sqs:DeleteMessage', QUEUE, []],
    ['dynamodb:PutItem', TABLE, [['kms:Decrypt', viaDynamoDb]]],
    ['dynamodb:Query', `${TABLE}/index/byAsset`, [['kms:Decrypt', viaDynamoDb]]],
    ['dynamodb:DescribeTable', TABLE, []],
    ['dynamodb:PutItem', 'dynamodb:us-east-1:000000000000:table/Stack-Plain', []],
  ])('%s on %s implies the documented KMS calls', (action, resource, calls) => {
    expect(implied(action, resource)).toEqual(calls);
  });
});
