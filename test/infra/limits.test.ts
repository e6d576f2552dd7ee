import { beforeAll, describe, expect, test } from '@jest/globals';
import { MOST_RANGES } from '../../lib/network-options.ts';
import { inWords, resourcesOf, type Template, templateOf } from './template.ts';

/*
 * Checks the template with the longest possible options against the size limits of AWS. References are replaced with
 * the longest names and ARNs that CloudFormation generates.
 */

const STACK_NAME = 'S'.padEnd(64, 'x');
const ACCOUNT: Readonly<Record<string, string>> = {
  'AWS::AccountId': '123456789012',
  'AWS::Partition': 'aws-us-gov',
  'AWS::Region': 'ap-southeast-2',
  'AWS::URLSuffix': 'amazonaws.com',
};

/** Returns as many items as fit into a list option. */
function fullList(item: (index: number) => string): readonly string[] {
  const items: string[] = [];
  while ([...items, item(items.length)].join(',').length <= 700) items.push(item(items.length));
  return items;
}

/** Returns a host name of 100 characters, the most that options accept. */
const host = (letter: string) => `${letter.repeat(60)}.${letter.repeat(27)}.example.org`;

const LONGEST = {
  stackName: STACK_NAME,
  stage: 'prod',
  senderDomain: host('a'),
  createIdentity: true,
  allowedRecipients: fullList((index) => `u${index}@example.org`),
  allowedDomains: fullList((index) => `d${index}.example.org`),
  allowedOrigins: fullList((index) => `https://o${index}.example.org`),
  linkLifetimeMinutes: 576_000,
  sourceLimitPerHour: 1_000_000,
  sourceMailLimitPerDay: 1_000_000,
  addressLimitPerHour: 1_000,
  addressLimitPerDay: 1_000,
  addressCooldownSeconds: 86_400,
  ledgerRetentionDays: 36_500,
  receiptRetentionDays: 36_500,
  streamConcurrency: 10_000,
  proxyOrigin: `https://${host('p')}`,
  proxySecretSha256: 'a1'.repeat(32),
  delivery: 'redirect',
  downloadHost: `${host('d')}:65535`,
  proofOfWork: 'always',
  presenceCode: 'on',
  secondChance: 'on',
  watermarks: 'on',
  collections: 'on',
  events: true,
  fileTrail: true,
  formMailLimitPerDay: 10_000_000,
  programMailLimitPerDay: 10_000_000,
  callerMailLimitPerDay: 10_000_000,
  uploadMaxBytes: 5_497_558_138_880,
  uploadTypes: fullList((index) => `application/type${index}`),
  uploadBytesPerDay: 109_951_162_777_600,
  brandName: 'B'.repeat(60),
  storageClass: 'STANDARD_IA',
  alarmEmail: 'ops@example.org',
  alarmTopicArn: 'arn:aws:sns:eu-west-1:111122223333:pager',
};

let template: Template;

beforeAll(() => {
  template = templateOf({
    ...LONGEST,
    oidcIssuer: `https://login.example.org/${'i'.repeat(270)}`,
    oidcAudience: 'a'.repeat(200),
    oidcTenantClaim: 'c'.repeat(200),
  });
});

/** Replaces references with the longest values that CloudFormation can fill in. */
function filled(value: unknown): unknown {
  if (typeof value === 'string') {
    return value.replace(/<([\w:]+)(\.\w+)?>/g, (_, id: string, attribute?: string) => {
      const name = `${STACK_NAME}-${id}-ABCDEFGHIJKL`;
      return (
        ACCOUNT[id] ??
        (attribute === undefined ? name : `arn:aws-us-gov:dynamodb:ap-southeast-2:123456789012:table/${name}`)
      );
    });
  }
  if (Array.isArray(value)) return value.map(filled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, filled(held)]));
}

const properties = (type: string, from = template) =>
  resourcesOf(from, type).map(
    ([logicalId, { Properties = {} }]) =>
      [logicalId, filled(inWords(Properties)) as Readonly<Record<string, unknown>>] as const,
  );

const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

describe('the deployment with the longest options', () => {
  test('fits every environment into 4 KB (Lambda Developer Guide, "Lambda quotas")', () => {
    for (const [logicalId, { Environment }] of properties('AWS::Lambda::Function')) {
      const { Variables = {} } = (Environment ?? {}) as { readonly Variables?: Record<string, string> };
      const size = Object.entries(Variables).reduce(
        (sum, [name, value]) => sum + bytes(name) + bytes(value),
        0,
      );
      expect([logicalId, size <= 4096 ? 'fits' : size]).toEqual([logicalId, 'fits']);
    }
  });

  test('sets no reserved environment variable (Lambda Developer Guide, "Defined runtime environment variables")', () => {
    const names = properties('AWS::Lambda::Function').flatMap(([, { Environment }]) =>
      Object.keys((Environment as { readonly Variables?: object } | undefined)?.Variables ?? {}),
    );
    expect(names.filter((name) => /^(AWS_|LAMBDA_|_X_AMZN|_HANDLER|TZ$)/.test(name))).toEqual([]);
  });

  test('fits the inline policies of every role into 10,240 characters (IAM User Guide, "IAM and AWS STS quotas")', () => {
    for (const [logicalId, { Policies = [] }] of properties('AWS::IAM::Role')) {
      const documents = (Policies as { readonly PolicyDocument: unknown }[]).map((one) => one.PolicyDocument);
      const size = documents.reduce<number>((sum, document) => sum + bytes(document), 0);
      expect([logicalId, size <= 10_240 ? 'fits' : size]).toEqual([logicalId, 'fits']);
    }
  });

  test.each([
    ['AWS::S3::BucketPolicy', 'PolicyDocument', 20 * 1024],
    ['AWS::KMS::Key', 'KeyPolicy', 32 * 1024],
    ['AWS::SNS::TopicPolicy', 'PolicyDocument', 30 * 1024],
    ['AWS::SQS::QueuePolicy', 'PolicyDocument', 8 * 1024],
  ])('keeps every %s within its size limit', (type, property, most) => {
    const found = properties(type);
    expect(found).not.toHaveLength(0);
    for (const [, { [property]: document }] of found) expect(bytes(document)).toBeLessThanOrEqual(most);
  });

  test('keeps the display name of the topic within 100 characters (Amazon SNS API Reference, CreateTopic)', () => {
    for (const [, { DisplayName }] of properties('AWS::SNS::Topic')) {
      expect(String(DisplayName).length).toBeLessThanOrEqual(100);
    }
  });

  test('has only alarms that CloudWatch can evaluate (CloudWatch API Reference, PutMetricAlarm)', () => {
    for (const [, alarm] of properties('AWS::CloudWatch::Alarm')) {
      const { AlarmName, AlarmDescription, EvaluationPeriods, Metrics = [] } = alarm;
      const periods = [
        alarm.Period,
        ...(Metrics as { readonly MetricStat?: { readonly Period: number } }[]).map(
          (one) => one.MetricStat?.Period,
        ),
      ];
      expect(String(AlarmName).length).toBeLessThanOrEqual(255);
      expect(String(AlarmDescription).length).toBeLessThanOrEqual(1024);
      for (const period of periods) {
        if (typeof period !== 'number') continue;
        expect(period % 60).toBe(0);
        expect(period * Number(EvaluationPeriods)).toBeLessThanOrEqual(period < 3600 ? 86_400 : 604_800);
      }
    }
  });

  test('consumes queues with a concurrency and batch size that Lambda accepts (Lambda Developer Guide, "Using Lambda with Amazon SQS")', () => {
    const fromQueues = properties('AWS::Lambda::EventSourceMapping').filter(
      ([, { StartingPosition }]) => StartingPosition === undefined,
    );
    for (const [, { ScalingConfig, BatchSize }] of fromQueues) {
      const { MaximumConcurrency } = ScalingConfig as { readonly MaximumConcurrency: number };
      expect(MaximumConcurrency).toBeGreaterThanOrEqual(2);
      expect(BatchSize).toBeLessThanOrEqual(10);
    }
  });

  test('streams for at most 15 minutes and responds within 29 seconds everywhere else', () => {
    const timeouts = properties('AWS::Lambda::Function').map(([, { Timeout }]) => Number(Timeout));
    expect(Math.max(...timeouts)).toBeLessThanOrEqual(900);
    for (const [logicalId, { Integration }] of properties('AWS::ApiGateway::Method')) {
      const { TimeoutInMillis = 29_000, ResponseTransferMode } = Integration as {
        readonly TimeoutInMillis?: number;
        readonly ResponseTransferMode?: string;
      };
      const most = ResponseTransferMode === 'STREAM' ? 900_000 : 29_000;
      expect([logicalId, TimeoutInMillis <= most]).toEqual([logicalId, true]);
    }
  });

  test('keeps the access log format within 3 KB and the template within the limits of CloudFormation', () => {
    for (const [, { AccessLogSetting }] of properties('AWS::ApiGateway::Stage')) {
      expect(bytes((AccessLogSetting as { readonly Format: string }).Format)).toBeLessThanOrEqual(3 * 1024);
    }
    expect(bytes(template)).toBeLessThanOrEqual(1_000_000);
    expect(Object.keys(template.Resources).length).toBeLessThanOrEqual(500);
    expect(Object.keys(template.Outputs).length).toBeLessThanOrEqual(200);
  });
});

describe('the private deployment with the longest options', () => {
  let inside: Template;

  beforeAll(() => {
    inside = templateOf({
      ...LONGEST,
      network: 'private',
      networkCidrs: Array.from({ length: MOST_RANGES }, (_, index) => `192.168.100.${100 + index}/32`),
    });
  });

  test('fits the inline policies of every role into 10,240 characters, including the VPC permissions of Lambda', () => {
    const shared = properties('AWS::IAM::Policy', inside);
    const sizeOf = (logicalId: string) =>
      shared
        .filter(([, { Roles }]) => JSON.stringify(Roles).includes(`-${logicalId}-`))
        .reduce((sum, [, { PolicyDocument }]) => sum + bytes(PolicyDocument), 0);
    for (const [logicalId, { Policies = [] }] of properties('AWS::IAM::Role', inside)) {
      const own = (Policies as { readonly PolicyDocument: unknown }[]).map((one) =>
        bytes(one.PolicyDocument),
      );
      const size = own.reduce((sum, each) => sum + each, sizeOf(logicalId));
      expect([logicalId, size <= 10_240 ? 'fits' : size]).toEqual([logicalId, 'fits']);
    }
  });

  test.each([
    ['AWS::S3::BucketPolicy', 'PolicyDocument', 20 * 1024],
    ['AWS::EC2::VPCEndpoint', 'PolicyDocument', 20_480],
    ['AWS::DynamoDB::Table', 'ResourcePolicy', 20 * 1024],
    ['AWS::ApiGateway::RestApi', 'Policy', 8192],
  ])('keeps the policy of every %s within its size limit', (type, property, most) => {
    const found = properties(type, inside);
    expect(found).not.toHaveLength(0);
    for (const [, { [property]: document }] of found) expect(bytes(document)).toBeLessThanOrEqual(most);
  });

  test('fits the code of the caretaker into the template (AWS::Lambda::Function, "ZipFile")', () => {
    const { Code } =
      properties('AWS::Lambda::Function', inside).find(([name]) => name === 'CaretakerFunction')?.[1] ?? {};
    expect(String((Code as { readonly ZipFile?: string }).ZipFile).length).toBeLessThanOrEqual(4096);
  });

  test('keeps every security group within 60 rules (Amazon VPC User Guide, "Amazon VPC quotas")', () => {
    for (const [, { SecurityGroupIngress = [] }] of properties('AWS::EC2::SecurityGroup', inside)) {
      expect((SecurityGroupIngress as unknown[]).length).toBeLessThanOrEqual(60);
    }
  });
});
