import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type OptionName, optionNames } from '../../lib/config.ts';
import { read } from '../unit/docs/markdown.ts';
import { inWords, type Template, templateOf } from './template.ts';

/** A resource type in the database that `cdk diff` uses to predict replacements. */
interface ResourceModel {
  readonly cloudFormationType: string;
  readonly isStateful?: boolean;
  readonly properties: Readonly<Record<string, { readonly causesReplacement?: 'yes' | 'no' | 'maybe' }>>;
}

/** Properties that cannot be changed: an update that changes one fails (AWS::KMS::Key, "KeySpec" and "KeyUsage"). */
const FIXED: Readonly<Record<string, readonly string[]>> = { 'AWS::KMS::Key': ['KeySpec', 'KeyUsage'] };

const models = new Map<string, ResourceModel>();

beforeAll(() => {
  const packed = readFileSync(new URL('../../node_modules/aws-cdk/db.json.gz', import.meta.url));
  const { schema } = JSON.parse(gunzipSync(packed).toString('utf8')) as {
    readonly schema: { readonly resource: { readonly entities: readonly ResourceModel[] } };
  };
  for (const model of schema.resource.entities) models.set(model.cloudFormationType, model);
});

/** Returns the properties whose change replaces a resource or fails, and the stateful resources that are removed. */
function lossesOf(before: Template, after: Template): readonly string[] {
  return Object.entries(before.Resources).flatMap(([logicalId, { Type, Properties = {} }]) => {
    const model = models.get(Type);
    const next = after.Resources[logicalId];
    if (next?.Type !== Type) return model?.isStateful === true ? [`${logicalId} is removed`] : [];
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

/** Every option that a running deployment can change, with a value other than its default. */
const CHANGED: Readonly<Partial<Record<OptionName, unknown>>> = {
  linkLifetimeMinutes: 60,
  downloadSeconds: 60,
  sourceLimitPerHour: 7,
  sourceMailLimitPerDay: 7,
  addressLimitPerHour: 7,
  addressCooldownSeconds: 7,
  addressLimitPerDay: 7,
  formMailLimitPerDay: 7,
  programMailLimitPerDay: 7,
  callerMailLimitPerDay: 7,
  presenceCode: 'on',
  requestAlarmPerHour: 7,
  webAclArn:
    'arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/limits/a1b2c3d4-5678-90ab-cdef-111122223333',
  allowedRecipients: ['example.org'],
  allowedDomains: ['example.org'],
  allowedOrigins: ['https://www.example.org'],
  brandName: 'Acme',
  brandAccent: '#123456',
  brandLogo: 'data:image/png;base64,iVBORw0KGgo=',
  supportEmail: 'help@example.org',
  imprintUrl: 'https://www.example.org/imprint',
  uploadMaxBytes: 7,
  uploadTypes: ['text/plain'],
  openUploadLimit: 7,
  uploadBytesPerDay: 7 * 1024 ** 2,
  uploadSessionHours: 7,
  oidcIssuer: 'https://login.example.org',
  oidcAudience: 'files',
  oidcTenantClaim: 'tenant',
  scanAlarmGigabytesPerDay: 7,
  scanAlarmObjectsPerDay: 7,
  deletionAlarmPerHour: 7,
  secondChance: 'on',
  proxyOrigin: 'https://proxy.example.org',
  proxySecretSha256: 'a1'.repeat(32),
  delivery: 'proxy',
  streamConcurrency: 7,
  ledgerRetentionDays: 7,
  receiptRetentionDays: 7,
  logRetentionDays: 7,
  oldVersionDays: 7,
  storageClass: 'STANDARD_IA',
  storageClassAfterDays: 60,
  apiDomain: 'files.example.org',
  apiCertificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/a1b2c3d4-5678-90ab-cdef-111122223333',
  downloadDomain: 'downloads.example.org',
  downloadCertificateArn:
    'arn:aws:acm:us-east-1:111122223333:certificate/a1b2c3d4-5678-90ab-cdef-111122223333',
  hostedZoneId: 'Z0123456789ABC',
  hostedZoneName: 'example.org',
  alarmEmail: 'ops@example.org',
  alarmTopicArn: 'arn:aws:sns:eu-west-1:111122223333:pager',
  endpointAccess: 'basic',
};

/** Options that cannot be combined with `downloadDomain` above. */
const CHANGED_OTHERWISE: Readonly<Partial<Record<OptionName, unknown>>> = {
  downloadHost: 'downloads.example.org',
  s3Endpoint: 'bucket.vpce-0abc-1def.s3.eu-west-1.vpce.amazonaws.com',
};

/** Options whose change replaces or removes something by design, and the stage, which has separate tests. */
const APART: readonly OptionName[] = [
  'stackName',
  'stage',
  'senderEmail',
  'senderDomain',
  'createIdentity',
  'apiLogRole',
  'uploads',
  'events',
  'network',
  'vpcCidr',
  'vpcId',
  'subnetIds',
  'routeTableIds',
  'endpointIds',
  'networkCidrs',
  'proofOfWork',
  'fileTrail',
  'watermarks',
  'collections',
];

describe('a change of options', () => {
  test('is tested for every option', () => {
    const changed = { ...CHANGED, ...CHANGED_OTHERWISE };
    expect([...Object.keys(changed), ...APART].toSorted()).toEqual([...optionNames].toSorted());
  });

  test.each([
    ['dev', DEV],
    ['prod', PROD],
  ])('replaces nothing in %s, and removes nothing stateful', (_stage, options) => {
    for (const change of [CHANGED, CHANGED_OTHERWISE]) {
      const changed = templateOf({ ...options, ...change });
      expect(lossesOf(templateOf(options), changed)).toEqual([]);
      expect(lossesOf(changed, templateOf(options))).toEqual([]);
    }
  });

  test('to fileTrail=false removes no stateful resource except the bucket of the trail', () => {
    const trailed = templateOf({ ...PROD, fileTrail: true });
    expect(lossesOf(templateOf(PROD), trailed)).toEqual([]);
    expect(lossesOf(trailed, templateOf(PROD))).toEqual(['FileTrailBucket is removed']);
    expect(trailed.Resources.FileTrailBucket?.DeletionPolicy).toBe('RetainExceptOnCreate');
  });

  test('to the other stage replaces nothing, in either direction', () => {
    const sender = { senderDomain: 'example.org', createIdentity: true };
    const dev = templateOf({ ...DEV, ...sender });
    const prod = templateOf({ ...PROD, ...sender, senderEmail: DEV.senderEmail });
    expect(lossesOf(dev, prod)).toEqual([]);
    expect(lossesOf(prod, dev)).toEqual([]);
  });

  test('from dev to prod does not empty the buckets, because it removes the tag that allows emptying them', () => {
    const tag = 'aws-cdk:auto-delete-objects';
    const tagged = (template: Template) =>
      ['FileBucket', 'AccessLogBucket'].filter((bucket) =>
        JSON.stringify(template.Resources[bucket]?.Properties.Tags ?? []).includes(tag),
      );
    expect(tagged(templateOf(DEV))).toEqual(['FileBucket', 'AccessLogBucket']);
    expect(tagged(templateOf(PROD))).toEqual([]);
  });

  test('of the sender domain replaces only the SES identity', () => {
    const other = templateOf({ ...PROD, senderDomain: 'example.com' });
    expect(lossesOf(templateOf(PROD), other)).toEqual(['SenderIdentity.EmailIdentity']);
  });

  test('to createIdentity=false deletes the SES identity in dev only, as the manual warns', () => {
    const policyOf = (options: object) =>
      templateOf({ ...options, senderDomain: 'example.org', createIdentity: true }).Resources.SenderIdentity
        ?.DeletionPolicy;
    expect(policyOf(DEV)).toBe('Delete');
    expect(policyOf(PROD)).toBe('RetainExceptOnCreate');
    expect(read('docs/operations.md')).toMatch(/`dev` stack\s+deletes an identity that it has created/);
  });

  test('to uploads=off removes no stateful resources except those of uploads', () => {
    const off = { ...PROD, uploads: 'off' };
    const lost = lossesOf(templateOf(PROD), templateOf(off));
    expect(lost).toContain('UploadTable is removed');
    const uploads =
      /^(Upload|Finalize|Objects|Verdict|Sweep|Reviews|Scanner|Invites|Receive|Submit|Outcome)\w* is removed$/;
    expect(lost.filter((loss) => !uploads.test(loss))).toEqual([]);
    expect(lossesOf(templateOf(off), templateOf(PROD))).toEqual([]);
  });

  test('to watermarks=off removes no stateful resources except those of watermarks', () => {
    const lost = lossesOf(templateOf({ ...PROD, watermarks: 'on' }), templateOf(PROD));
    expect(lost).not.toEqual([]);
    expect(lost.filter((loss) => !/^Watermark\w* is removed$/.test(loss))).toEqual([]);
    expect(lossesOf(templateOf(PROD), templateOf({ ...PROD, watermarks: 'on' }))).toEqual([]);
  });

  test('to collections=on replaces nothing, and undoing it removes the logs of its functions', () => {
    const on = { ...PROD, collections: 'on' };
    expect(lossesOf(templateOf(PROD), templateOf(on))).toEqual([]);
    expect(lossesOf(templateOf(on), templateOf(PROD))).toEqual([
      'CollectionLogs is removed',
      'ZipLogs is removed',
    ]);
  });

  test('to events=true replaces nothing, and undoing it removes its function’s log and the queue of unpublished events', () => {
    const on = { ...PROD, events: true };
    expect(lossesOf(templateOf(PROD), templateOf(on))).toEqual([]);
    expect(lossesOf(templateOf(on), templateOf(PROD))).toEqual([
      'EventFailureQueue is removed',
      'EventsLogs is removed',
    ]);
  });

  test('to a private network and back replaces nothing, and removes only the caretaker’s log', () => {
    const inside = { ...PROD, network: 'private' };
    expect(lossesOf(templateOf(PROD), templateOf(inside))).toEqual([]);
    expect(lossesOf(templateOf(inside), templateOf(PROD))).toEqual(['CaretakerLogs is removed']);
  });

  test('to proofOfWork=auto replaces nothing, and undoing it removes the log of its function', () => {
    const on = { ...PROD, proofOfWork: 'auto' };
    expect(lossesOf(templateOf(PROD), templateOf(on))).toEqual([]);
    expect(lossesOf(templateOf(on), templateOf(PROD))).toEqual(['ChallengesLogs is removed']);
  });

  test('that replaces or removes a table is detected', () => {
    const before = templateOf(DEV);
    const { TokenTable: table, ...rest } = before.Resources;
    if (table === undefined) throw new Error('The template has no token table');
    const renamed = { ...table, Properties: { ...table.Properties, TableName: 'tokens' } };
    expect(lossesOf(before, { ...before, Resources: { ...rest, TokenTable: renamed } })).toEqual([
      'TokenTable.TableName',
    ]);
    expect(lossesOf(before, { ...before, Resources: rest })).toEqual(['TokenTable is removed']);
  });
});
