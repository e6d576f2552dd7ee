import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { inWords, resource, resourcesOf, type Template, templateOf } from './template.ts';

let dev: Template;
let prod: Template;

beforeAll(() => {
  dev = templateOf({ senderEmail: 'files@example.org', downloadSeconds: 45 });
  prod = templateOf({ stage: 'prod', senderDomain: 'example.org' });
});

/** The key and the TTL attribute of each table. */
const SCHEMAS = {
  TokenTable: [['tokenId'], 'expiresAt'],
  ReceiptTable: [['tokenId'], 'removeAt'],
  LedgerTable: [['tokenId', 'timeEvent'], 'removeAt'],
  QuotaTable: [['counter'], 'expiresAt'],
  IssueTable: [['requestName'], 'removeAt'],
  UploadTable: [['uploadId'], 'removeAt'],
  UploadHistoryTable: [['uploadId', 'timeEvent'], 'removeAt'],
  UploadLinkTable: [['linkId'], 'removeAt'],
} as const;
const TABLES = Object.keys(SCHEMAS);
const KEYS = ['DataKey', 'SigningKey', 'PseudonymKey', 'NoticeKey'];
const QUEUES = ['MailQueue', 'MailDeadLetterQueue'];

describe('the data that prod retains', () => {
  interface Retained {
    readonly type: string;
    readonly keySchema?: unknown;
    readonly indexes?: unknown;
    readonly keySpec?: string;
    readonly keyUsage?: string;
  }
  const list = JSON.parse(
    readFileSync(new URL('./retained-resources.json', import.meta.url), 'utf8'),
  ) as Record<string, Retained>;

  /** Returns the type of a resource, and the properties whose change would replace it. */
  function identityOf({
    Type,
    Properties,
  }: {
    Type: string;
    Properties: Readonly<Record<string, unknown>>;
  }): Retained {
    const { KeySchema, GlobalSecondaryIndexes, KeySpec, KeyUsage } = Properties;
    const indexes = (GlobalSecondaryIndexes as { IndexName: string; KeySchema: unknown }[] | undefined)?.map(
      (index) => ({ name: index.IndexName, keySchema: index.KeySchema }),
    );
    return {
      type: Type,
      ...(KeySchema !== undefined && { keySchema: KeySchema }),
      ...(indexes && { indexes }),
      ...(typeof KeySpec === 'string' && { keySpec: KeySpec }),
      ...(typeof KeyUsage === 'string' && { keyUsage: KeyUsage }),
    };
  }

  test('has the logical IDs and keys in the committed list, so that no deployment replaces it', () => {
    const retained = Object.entries(prod.Resources).filter(([, { DeletionPolicy }]) =>
      DeletionPolicy?.startsWith('Retain'),
    );
    expect(Object.fromEntries(retained.map(([logicalId, found]) => [logicalId, identityOf(found)]))).toEqual(
      list,
    );
    for (const [, { UpdateReplacePolicy }] of retained) expect(UpdateReplacePolicy).toBe('Retain');
  });

  test('is deleted if the deployment that creates it fails, except protected tables and the API log role', () => {
    const kept = Object.entries(prod.Resources).filter(
      ([, { DeletionPolicy }]) => DeletionPolicy === 'Retain',
    );
    expect(kept.map(([logicalId]) => logicalId).toSorted()).toEqual(
      [...TABLES, 'ApiLogRole', 'ApiLogAccount'].toSorted(),
    );
    const identity = resource(
      templateOf({ stage: 'prod', senderDomain: 'example.org', createIdentity: true }),
      'SenderIdentity',
    );
    expect([identity.DeletionPolicy, identity.UpdateReplacePolicy]).toEqual([
      'RetainExceptOnCreate',
      'Retain',
    ]);
  });

  test('keeps the policy of each bucket that it keeps, so that uploads stay in quarantine after the stack is deleted', () => {
    const options = { stage: 'prod', senderDomain: 'example.org', fileTrail: true };
    for (const uploads of ['on', 'off']) {
      const policies = resourcesOf(templateOf({ ...options, uploads }), 'AWS::S3::BucketPolicy');
      const kept = policies.map(([, { Properties, DeletionPolicy, UpdateReplacePolicy }]) => [
        inWords(Properties.Bucket),
        DeletionPolicy,
        UpdateReplacePolicy,
      ]);
      expect(kept.toSorted()).toEqual([
        ['<AccessLogBucket>', 'RetainExceptOnCreate', 'Retain'],
        ['<FileBucket>', 'RetainExceptOnCreate', 'Retain'],
        ['<FileTrailBucket>', 'RetainExceptOnCreate', 'Retain'],
      ]);
    }
  });

  test('has no fixed names, so that a second deployment is possible', () => {
    for (const logicalId of Object.keys(list)) {
      const { TableName, BucketName, LogGroupName } = resource(prod, logicalId).Properties;
      expect([TableName, BucketName, LogGroupName]).toEqual([undefined, undefined, undefined]);
    }
  });

  test('is protected from deletion and has point-in-time recovery if it is a table', () => {
    for (const logicalId of TABLES) {
      expect(resource(prod, logicalId).Properties).toMatchObject({
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      });
    }
  });

  test('includes the files, because nothing in prod can empty the bucket', () => {
    expect(resourcesOf(prod, 'Custom::S3AutoDeleteObjects')).toEqual([]);
    expect(JSON.stringify(prod)).not.toContain('S3AutoDeleteObjects');
  });
});

describe('destroying a dev stack', () => {
  const keptOf = ({ Resources }: Template) =>
    Object.entries(Resources).flatMap(([logicalId, { DeletionPolicy }]) =>
      (DeletionPolicy ?? 'Delete') === 'Delete' ? [] : [logicalId],
    );

  test('keeps only the role with which all APIs in the account write their logs, and the setting that names it', () => {
    expect(keptOf(dev)).toEqual(['ApiLogRole', 'ApiLogAccount']);
    for (const logicalId of TABLES) {
      expect(resource(dev, logicalId).Properties.DeletionProtectionEnabled).not.toBe(true);
    }
  });

  test('keeps nothing if the API log role exists already or the access log is off', () => {
    for (const apiLogRole of ['existing', 'none']) {
      expect(keptOf(templateOf({ senderEmail: 'files@example.org', apiLogRole }))).toEqual([]);
    }
  });

  test('deletes files and access logs, because both buckets are emptied first', () => {
    const emptied = resourcesOf(dev, 'Custom::S3AutoDeleteObjects').map(([, { Properties }]) =>
      inWords(Properties.BucketName),
    );
    expect(emptied.toSorted()).toEqual(['<AccessLogBucket>', '<FileBucket>']);
  });

  test('leaves no log groups, because every function writes to a log group in the stack or is not allowed to log', () => {
    for (const [logicalId, { Properties }] of resourcesOf(dev, 'AWS::Lambda::Function')) {
      const roleId = String(inWords(Properties.Role)).slice(1).split('.')[0] ?? '';
      const role = resource(dev, roleId).Properties;
      expect(role.ManagedPolicyArns).toBeUndefined();
      expect(JSON.stringify(role)).not.toContain('logs:CreateLogGroup');
      const { LogGroup } = (inWords(Properties.LoggingConfig) ?? {}) as { readonly LogGroup?: string };
      if (logicalId.startsWith('CustomS3AutoDeleteObjects'))
        expect(JSON.stringify(role)).not.toContain('logs:');
      else expect(LogGroup).toBe(`<${logicalId.replace(/Function$/, 'Logs')}>`);
    }
  });

  test('deletes keys after the shortest waiting period that KMS allows', () => {
    for (const logicalId of KEYS) expect(resource(dev, logicalId).Properties.PendingWindowInDays).toBe(7);
  });
});

describe('the tables', () => {
  test.each(Object.entries(SCHEMAS))(
    '%s has its key and its TTL attribute',
    (logicalId, [key, timeToLive]) => {
      const { KeySchema, TimeToLiveSpecification, BillingMode } = resource(dev, logicalId).Properties;
      expect(KeySchema).toMatchObject(key.map((AttributeName) => ({ AttributeName })));
      expect(TimeToLiveSpecification).toEqual({ AttributeName: timeToLive, Enabled: true });
      expect(BillingMode).toBe('PAY_PER_REQUEST');
    },
  );

  test('have no replicas, because replicas could redeem a token twice', () => {
    expect(resourcesOf(dev, 'AWS::DynamoDB::Table')).toHaveLength(TABLES.length);
    expect(resourcesOf(dev, 'AWS::DynamoDB::GlobalTable')).toEqual([]);
  });

  test('include indexes of the ledger by asset, pseudonym, and month of issue, sorted by time', () => {
    const { GlobalSecondaryIndexes } = resource(dev, 'LedgerTable').Properties;
    const index = (IndexName: string, attribute: string) => ({
      IndexName,
      KeySchema: [
        { AttributeName: attribute, KeyType: 'HASH' },
        { AttributeName: 'timeEvent', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    });
    expect(GlobalSecondaryIndexes).toEqual([
      index('byAsset', 'asset'),
      index('byPseudonym', 'pseudonym'),
      index('byMonth', 'issuedMonth'),
    ]);
  });
});

describe('encryption at rest:', () => {
  test.each(TABLES)('%s is encrypted with the data key', (logicalId) => {
    expect(inWords(resource(dev, logicalId).Properties.SSESpecification)).toEqual({
      KMSMasterKeyId: '<DataKey.Arn>',
      SSEEnabled: true,
      SSEType: 'KMS',
    });
  });

  test.each(QUEUES)('%s is encrypted with the data key', (logicalId) => {
    expect(inWords(resource(dev, logicalId).Properties.KmsMasterKeyId)).toBe('<DataKey.Arn>');
  });

  test('the bucket is encrypted with the data key and a bucket key', () => {
    expect(inWords(resource(dev, 'FileBucket').Properties.BucketEncryption)).toEqual({
      ServerSideEncryptionConfiguration: [
        {
          BucketKeyEnabled: true,
          ServerSideEncryptionByDefault: { KMSMasterKeyID: '<DataKey.Arn>', SSEAlgorithm: 'aws:kms' },
        },
      ],
    });
  });

  test('the data key rotates, but the HMAC keys cannot', () => {
    expect(resource(dev, 'DataKey').Properties.EnableKeyRotation).toBe(true);
    for (const logicalId of ['SigningKey', 'PseudonymKey']) {
      const { KeySpec, KeyUsage, EnableKeyRotation } = resource(dev, logicalId).Properties;
      expect([KeySpec, KeyUsage, EnableKeyRotation]).toEqual(['HMAC_256', 'GENERATE_VERIFY_MAC', undefined]);
    }
  });
});

describe('the buckets:', () => {
  test.each(['FileBucket', 'AccessLogBucket'])(
    '%s is private, and the account owns every object',
    (logicalId) => {
      expect(resource(dev, logicalId).Properties).toMatchObject({
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      });
    },
  );

  test.each(['FileBucket', 'AccessLogBucket'])('%s rejects plain HTTP and old TLS', (logicalId) => {
    const [policy] = resourcesOf(dev, 'AWS::S3::BucketPolicy').filter(
      ([, { Properties }]) => inWords(Properties.Bucket) === `<${logicalId}>`,
    );
    const { Statement = [] } = (policy?.[1].Properties.PolicyDocument ?? {}) as { Statement?: unknown[] };
    for (const Condition of [
      { Bool: { 'aws:SecureTransport': 'false' } },
      { NumericLessThan: { 's3:TlsVersion': 1.2 } },
    ]) {
      expect(Statement).toContainEqual(expect.objectContaining({ Effect: 'Deny', Condition }));
    }
  });
});

describe('the file bucket', () => {
  test('is versioned', () => {
    expect(resource(dev, 'FileBucket').Properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
  });

  interface Denial {
    readonly Sid?: string;
    readonly Effect: string;
    readonly Condition: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  }
  const denials = () => {
    const statements = resourcesOf(dev, 'AWS::S3::BucketPolicy').flatMap(([, { Properties }]) => {
      const { Statement } = Properties.PolicyDocument as { readonly Statement: unknown };
      return inWords(Statement) as Denial[];
    });
    return statements.filter(({ Effect }) => Effect === 'Deny');
  };
  const denial = (sid: string) => denials().find(({ Sid }) => Sid === sid)?.Condition;

  test('rejects presigned URLs that are older than downloadSeconds, whoever signed them', () => {
    expect(denial('RefuseOldPresignedUrls')).toEqual({
      StringEquals: { 's3:authType': 'REST-QUERY-STRING' },
      NumericGreaterThan: { 's3:signatureAge': '45000' },
    });
  });

  test('limits the age of presigned URLs under every prefix, with separate limits for uploads', () => {
    const where = (sid: string) => denials().find(({ Sid }) => Sid === sid);
    expect(where('RefuseOldPresignedUrls')).toMatchObject({ NotResource: '<FileBucket.Arn>/uploads/*' });
    for (const [sid, age] of [
      ['RefuseOldObjectUrls', '300000'],
      ['RefuseOldUploadUrls', '120000'],
    ] as const) {
      expect(where(sid)).toMatchObject({
        Resource: '<FileBucket.Arn>/uploads/*',
        Condition: { NumericGreaterThan: { 's3:signatureAge': age } },
      });
    }
  });

  test('limits the age of presigned URLs to ten minutes with secondChance=on, except for URLs that send files', () => {
    const given = templateOf({ senderEmail: 'files@example.org', downloadSeconds: 45, secondChance: 'on' });
    const policy = JSON.stringify(resourcesOf(given, 'AWS::S3::BucketPolicy'));
    const ages = [...policy.matchAll(/"s3:signatureAge":"(\d+)"/g)].map(([, age]) => age);
    expect(ages).toEqual(['600000', '600000', '120000']);
  });

  test('rejects encryption with another key, but accepts uploads that do not specify a key', () => {
    const keyHeader = 's3:x-amz-server-side-encryption-aws-kms-key-id';
    expect(denial('RefuseOtherKeys')).toEqual({
      Null: { [keyHeader]: 'false' },
      StringNotEquals: { [keyHeader]: ['<DataKey.Arn>', '<DataKey>'] },
    });
    expect(denial('RefuseOtherEncryption')).toEqual({
      Null: { 's3:x-amz-server-side-encryption': 'false' },
      StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' },
    });
    expect(denial('RefuseCustomerKeys')).toEqual({
      Null: { 's3:x-amz-server-side-encryption-customer-algorithm': 'false' },
    });
  });
});
