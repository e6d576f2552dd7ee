import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type OptionName, optionNames } from '../../lib/config.ts';
import { inWords, type Template, templateOf } from './template.ts';

/** What a resource type is, in the database by which `cdk diff` says what CloudFormation would replace. */
interface ResourceModel {
  readonly cloudFormationType: string;
  readonly isStateful?: boolean;
  readonly properties: Readonly<Record<string, { readonly causesReplacement?: 'yes' | 'no' | 'maybe' }>>;
}

/** KMS refuses to change them, and CloudFormation fails the update (AWS::KMS::Key, "KeySpec" and "KeyUsage"). */
const FIXED: Readonly<Record<string, readonly string[]>> = { 'AWS::KMS::Key': ['KeySpec', 'KeyUsage'] };

const models = new Map<string, ResourceModel>();

beforeAll(() => {
  const packed = readFileSync(new URL('../../node_modules/aws-cdk/db.json.gz', import.meta.url));
  const { schema } = JSON.parse(gunzipSync(packed).toString('utf8')) as {
    readonly schema: { readonly resource: { readonly entities: readonly ResourceModel[] } };
  };
  for (const model of schema.resource.entities) models.set(model.cloudFormationType, model);
});

/** What an update would replace, and what holds data and would go. Deployments of the API are new ones by nature. */
function lossesOf(before: Template, after: Template): readonly string[] {
  return Object.entries(before.Resources).flatMap(([logicalId, { Type, Properties = {} }]) => {
    const model = models.get(Type);
    const next = after.Resources[logicalId];
    if (next?.Type !== Type) return model?.isStateful === true ? [`${logicalId} goes`] : [];
    const fixed = Object.entries(model?.properties ?? {})
      .filter(([, { causesReplacement = 'no' }]) => causesReplacement !== 'no')
      .map(([name]) => name);
    return [...fixed, ...(FIXED[Type] ?? [])]
      .filter((name) => wordsOf(Properties[name]) !== wordsOf(next.Properties?.[name]))
      .map((name) => `${logicalId}.${name}`);
  });
}

const wordsOf = (value: unknown) => JSON.stringify(inWords(value));

const DEV = { stage: 'dev', senderEmail: 'files@example.org' };
const PROD = { stage: 'prod', senderDomain: 'example.org', createIdentity: true };

/** Every option that a running deployment may change, with another value than its default. */
const CHANGED: Readonly<Partial<Record<OptionName, unknown>>> = {
  linkLifetimeMinutes: 60,
  downloadSeconds: 60,
  sourceLimitPerHour: 7,
  sourceMailLimitPerDay: 7,
  addressLimitPerHour: 7,
  addressCooldownSeconds: 7,
  mailLimitPerDay: 7,
  allowedRecipients: ['example.org'],
  allowedDomains: ['example.org'],
  allowedOrigins: ['https://www.example.org'],
  brandName: 'Acme',
  brandAccent: '#123456',
  brandLogo: 'data:image/png;base64,iVBORw0KGgo=',
  supportEmail: 'help@example.org',
  imprintUrl: 'https://www.example.org/imprint',
  streamConcurrency: 7,
  ledgerRetentionDays: 7,
  receiptRetentionDays: 7,
  logRetentionDays: 7,
  oldVersionDays: 7,
  storageClass: 'STANDARD_IA',
  storageClassAfterDays: 60,
  alarmEmail: 'ops@example.org',
  alarmTopicArn: 'arn:aws:sns:eu-west-1:111122223333:pager',
};

/** A new name is a new stack, another sender another identity, and without a log its lines go; the stage has its own test. */
const APART: readonly OptionName[] = [
  'stackName',
  'stage',
  'senderEmail',
  'senderDomain',
  'createIdentity',
  'apiLogRole',
];

describe('a change of options', () => {
  test('is tried for every option there is', () => {
    expect([...Object.keys(CHANGED), ...APART].toSorted()).toEqual([...optionNames].toSorted());
  });

  test.each([
    ['dev', DEV],
    ['prod', PROD],
  ])('replaces nothing in %s, and takes nothing away that holds data', (_stage, options) => {
    const changed = templateOf({ ...options, ...CHANGED });
    expect(lossesOf(templateOf(options), changed)).toEqual([]);
    expect(lossesOf(changed, templateOf(options))).toEqual([]);
  });

  test('of the stage replaces nothing in either direction', () => {
    const sender = { senderDomain: 'example.org', createIdentity: true };
    const dev = templateOf({ ...DEV, ...sender });
    const prod = templateOf({ ...PROD, ...sender, senderEmail: DEV.senderEmail });
    expect(lossesOf(dev, prod)).toEqual([]);
    expect(lossesOf(prod, dev)).toEqual([]);
  });

  test('from dev to prod empties no bucket: the tag without which nothing is emptied goes first', () => {
    const tag = 'aws-cdk:auto-delete-objects';
    const tagged = (template: Template) =>
      ['FileBucket', 'AccessLogBucket'].filter((bucket) =>
        JSON.stringify(template.Resources[bucket]?.Properties.Tags ?? []).includes(tag),
      );
    expect(tagged(templateOf(DEV))).toEqual(['FileBucket', 'AccessLogBucket']);
    expect(tagged(templateOf(PROD))).toEqual([]);
  });

  test('of the sender replaces its identity and nothing else', () => {
    const other = templateOf({ ...PROD, senderDomain: 'example.com' });
    expect(lossesOf(templateOf(PROD), other)).toEqual(['SenderIdentity.EmailIdentity']);
  });

  test('would be noticed if it replaced a table', () => {
    const before = templateOf(DEV);
    const { TokenTable: table, ...rest } = before.Resources;
    if (table === undefined) throw new Error('There is no token table');
    const renamed = { ...table, Properties: { ...table.Properties, TableName: 'tokens' } };
    expect(lossesOf(before, { ...before, Resources: { ...rest, TokenTable: renamed } })).toEqual([
      'TokenTable.TableName',
    ]);
    expect(lossesOf(before, { ...before, Resources: rest })).toEqual(['TokenTable goes']);
  });
});
