import { beforeAll, describe, expect, test } from '@jest/globals';
import { inWords, resource, resourcesOf, SENDER, type Template, templateOf } from './template.ts';

let template: Template;

beforeAll(() => {
  template = templateOf({ senderEmail: SENDER, logRetentionDays: 90 });
});

const withLogRole = (apiLogRole: string) => templateOf({ senderEmail: SENDER, apiLogRole });

interface AccessLogSetting {
  readonly DestinationArn: unknown;
  readonly Format: string;
}

describe('the access log of the API', () => {
  const setting = () => resource(template, 'ApiStage').Properties.AccessLogSetting as AccessLogSetting;

  test('contains the route and IDs, but no path, query, address, or caller', () => {
    const line = JSON.parse(setting().Format) as Record<string, string>;
    expect(line.resourcePath).toBe('$context.resourcePath');
    for (const variable of Object.values(line)) expect(variable).toMatch(/^\$context\.[A-Za-z.]+$/);
    expect(setting().Format).not.toMatch(/\$context\.(path|identity|authorizer|domainName|customDomain|waf)/);
    expect(setting().Format).not.toMatch(/requestOverride|querystring|body/i);
  });

  test('has its own log group with the retention from the options', () => {
    expect(inWords(setting().DestinationArn)).toContain('<ApiAccessLogs');
    expect(resource(template, 'ApiAccessLogs').Properties.RetentionInDays).toBe(90);
  });

  test("is created after API Gateway's account-wide role, which outlives the stack", () => {
    expect(inWords(resource(template, 'ApiLogAccount').Properties)).toEqual({
      CloudWatchRoleArn: '<ApiLogRole.Arn>',
    });
    expect(resource(template, 'ApiStage').DependsOn).toContain('ApiLogAccount');
    for (const logicalId of ['ApiLogRole', 'ApiLogAccount']) {
      expect(resource(template, logicalId).DeletionPolicy).toBe('Retain');
    }
  });

  test('uses the existing role, unchanged, with apiLogRole=existing', () => {
    const existing = withLogRole('existing');
    expect(resourcesOf(existing, 'AWS::ApiGateway::Account')).toEqual([]);
    expect(existing.Resources.ApiLogRole).toBeUndefined();
    expect(resource(existing, 'ApiStage').Properties.AccessLogSetting).toBeDefined();
  });

  test('is not created with apiLogRole=none, and neither is the role', () => {
    const none = withLogRole('none');
    expect(resourcesOf(none, 'AWS::ApiGateway::Account')).toEqual([]);
    expect(none.Resources.ApiAccessLogs).toBeUndefined();
    expect(resource(none, 'ApiStage').Properties.AccessLogSetting).toBeUndefined();
  });
});

interface Rule {
  readonly Id: string;
  readonly Prefix?: string;
  readonly Status: string;
}

function rulesOf(bucket: string, of: Template = template): readonly Rule[] {
  const { LifecycleConfiguration } = resource(of, bucket).Properties;
  return (LifecycleConfiguration as { readonly Rules: readonly Rule[] }).Rules;
}

describe('the access log of the bucket', () => {
  test('has its own bucket, which deletes logs after logRetentionDays', () => {
    expect(inWords(resource(template, 'FileBucket').Properties.LoggingConfiguration)).toEqual({
      DestinationBucketName: '<AccessLogBucket>',
      LogFilePrefix: 'files/',
    });
    expect(rulesOf('AccessLogBucket')).toEqual([
      { Id: 'ForgetOldLogs', ExpirationInDays: 90, Status: 'Enabled' },
    ]);
  });

  test('is encrypted with an S3 managed key, because S3 supports no other key for logs', () => {
    expect(resource(template, 'AccessLogBucket').Properties.BucketEncryption).toEqual({
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
    });
  });

  test('can be written only by S3, and only for the file bucket of this account', () => {
    const statements = resourcesOf(template, 'AWS::S3::BucketPolicy').flatMap(([, { Properties }]) => {
      const { Statement } = Properties.PolicyDocument as { readonly Statement: unknown };
      return inWords(Statement) as { readonly Action: string; readonly Principal: unknown }[];
    });
    expect(statements.filter(({ Action }) => Action === 's3:PutObject')).toContainEqual({
      Action: 's3:PutObject',
      Effect: 'Allow',
      Principal: { Service: 'logging.s3.amazonaws.com' },
      Resource: '<AccessLogBucket.Arn>/files/*',
      Condition: {
        ArnLike: { 'aws:SourceArn': '<FileBucket.Arn>' },
        StringEquals: { 'aws:SourceAccount': '<AWS::AccountId>' },
      },
    });
  });
});

describe('the lifecycle rules of the file bucket', () => {
  const withClass = (options: Readonly<Record<string, unknown>>) =>
    templateOf({ senderEmail: SENDER, ...options });

  test('delete old versions, abandoned uploads, and threats, but leave offered files unchanged', () => {
    expect(rulesOf('FileBucket', withClass({ oldVersionDays: '7' }))).toEqual([
      {
        Id: 'ForgetOldVersions',
        NoncurrentVersionExpiration: { NoncurrentDays: 7 },
        ExpiredObjectDeleteMarker: true,
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
        Status: 'Enabled',
      },
      {
        Id: 'RemoveThreats',
        Prefix: 'uploads/',
        TagFilters: [{ Key: 'GuardDutyMalwareScanStatus', Value: 'THREATS_FOUND' }],
        ExpirationInDays: 7,
        NoncurrentVersionExpiration: { NoncurrentDays: 1 },
        Status: 'Enabled',
      },
    ]);
  });

  test.each(['STANDARD_IA', 'INTELLIGENT_TIERING'])(
    'move only offered files to %s after storageClassAfterDays',
    (storageClass) => {
      const rules = rulesOf('FileBucket', withClass({ storageClass, storageClassAfterDays: '45' }));
      expect(rules).toContainEqual({
        Id: 'MoveFilesOnOffer',
        Prefix: 'gated/',
        Transitions: [{ StorageClass: storageClass, TransitionInDays: 45 }],
        Status: 'Enabled',
      });
    },
  );

  test.each(['GLACIER', 'DEEP_ARCHIVE', 'GLACIER_IR'])(
    'cannot move files to the archive class %s',
    (storageClass) => {
      expect(() => withClass({ storageClass })).toThrow('storageClass: must be one of');
    },
  );
});
