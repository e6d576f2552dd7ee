import { describe, expect, test } from '@jest/globals';
import { inWords, resource, resourcesOf, SENDER, type Template, templateOf } from './template.ts';

const API = {
  apiDomain: 'files.example.org',
  apiCertificateArn: 'arn:aws:acm:eu-central-1:111122223333:certificate/a1b2c3d4-5678-90ab-cdef-0123456789ab',
};
const DOWNLOADS = {
  downloadDomain: 'downloads.example.org',
  downloadCertificateArn:
    'arn:aws:acm:us-east-1:111122223333:certificate/a1b2c3d4-5678-90ab-cdef-0123456789ab',
};
const ZONE = { hostedZoneId: 'Z0123456789ABC', hostedZoneName: 'example.org' };
const ENDPOINT = 'bucket.vpce-0abc-1def.s3.eu-central-1.vpce.amazonaws.com';

const withOptions = (options: Readonly<Record<string, unknown>>) =>
  templateOf({ senderEmail: SENDER, ...options });

/** Returns the values of an environment variable, keyed by the logical IDs of the functions that have it. */
function variable(template: Template, name: string): Readonly<Record<string, unknown>> {
  const functions = resourcesOf(template, 'AWS::Lambda::Function').flatMap(([logicalId, { Properties }]) => {
    const { Variables = {} } = (Properties.Environment ?? {}) as {
      readonly Variables?: Readonly<Record<string, unknown>>;
    };
    return name in Variables ? [[logicalId, inWords(Variables[name])] as const] : [];
  });
  return Object.fromEntries(functions);
}

const SIGNERS = ['RedeemFunction', 'ObjectsFunction', 'ReceiveFunction', 'UploadsFunction'];

describe('apiDomain', () => {
  const template = withOptions(API);

  test('is the origin of links, pages, uploads, and outputs, without the stage', () => {
    expect(new Set(Object.values(variable(template, 'PUBLIC_ORIGIN')))).toEqual(
      new Set(['https://files.example.org']),
    );
    expect(template.Outputs.ApiUrl?.Value).toBe('https://files.example.org');
    const { CorsRules } = resource(template, 'FileBucket').Properties.CorsConfiguration as {
      readonly CorsRules: readonly unknown[];
    };
    expect(CorsRules).toEqual([expect.objectContaining({ AllowedOrigins: ['https://files.example.org'] })]);
  });

  test('is a regional domain name that maps to the stage and has the same TLS policy as the API', () => {
    const { SecurityPolicy, EndpointAccessMode } = resource(template, 'Api').Properties;
    expect(SecurityPolicy).toMatch(/TLS13_1_2/);
    expect(resource(template, 'ApiDomain').Properties).toEqual({
      DomainName: API.apiDomain,
      RegionalCertificateArn: API.apiCertificateArn,
      SecurityPolicy,
      EndpointAccessMode,
      EndpointConfiguration: { Types: ['REGIONAL'] },
    });
    const [[, mapping] = []] = resourcesOf(template, 'AWS::ApiGateway::BasePathMapping');
    expect(inWords(mapping?.Properties)).toEqual({
      DomainName: '<ApiDomain>',
      RestApiId: '<Api>',
      Stage: '<ApiStage>',
    });
  });

  test("disables API Gateway's default endpoint, and causes a new deployment", () => {
    expect(resource(template, 'Api').Properties.DisableExecuteApiEndpoint).toBe(true);
    const deployment = (of: Template) => resource(of, 'ApiStage').Properties.DeploymentId;
    expect(deployment(template)).not.toEqual(deployment(withOptions({})));
  });

  test('outputs its target, or has an alias record if its zone is given', () => {
    expect(inWords(template.Outputs.ApiDomainTarget?.Value)).toBe('<ApiDomain.RegionalDomainName>');
    expect(resourcesOf(template, 'AWS::Route53::RecordSet')).toEqual([]);
    const inZone = withOptions({ ...API, ...ZONE });
    expect(inZone.Outputs.ApiDomainTarget).toBeUndefined();
    expect(inWords(resource(inZone, 'ApiDomainAlias').Properties)).toEqual({
      Name: 'files.example.org.',
      Type: 'A',
      HostedZoneId: ZONE.hostedZoneId,
      AliasTarget: {
        DNSName: '<ApiDomain.RegionalDomainName>',
        HostedZoneId: '<ApiDomain.RegionalHostedZoneId>',
      },
    });
  });
});

describe('downloadDomain', () => {
  const template = withOptions(DOWNLOADS);
  const distribution = () =>
    resource(template, 'DownloadDistribution').Properties.DistributionConfig as Readonly<
      Record<string, unknown>
    >;

  test('forwards only query strings to the bucket, and caches nothing', () => {
    expect(inWords(distribution().DefaultCacheBehavior)).toEqual({
      AllowedMethods: ['GET', 'HEAD'],
      // CachingDisabled (Amazon CloudFront Developer Guide, "Use managed cache policies").
      CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
      OriginRequestPolicyId: '<DownloadRequests>',
      TargetOriginId: expect.any(String),
      ViewerProtocolPolicy: 'https-only',
      Compress: false,
    });
    expect(resource(template, 'DownloadRequests').Properties.OriginRequestPolicyConfig).toMatchObject({
      QueryStringsConfig: { QueryStringBehavior: 'all' },
      HeadersConfig: { HeaderBehavior: 'none' },
      CookiesConfig: { CookieBehavior: 'none' },
    });
    expect(distribution().CacheBehaviors).toBeUndefined();
  });

  test('does not respond to a valid request with an error cached for an invalid request to the same path', () => {
    const errors = distribution().CustomErrorResponses as readonly Readonly<Record<string, number>>[];
    expect(errors.map(({ ErrorCode }) => ErrorCode)).toEqual(
      // All errors that CloudFront caches, whether they come from S3 or from CloudFront itself.
      [400, 403, 404, 405, 414, 500, 501, 502, 503, 504],
    );
    expect(new Set(errors.map(({ ErrorCachingMinTTL }) => ErrorCachingMinTTL))).toEqual(new Set([0]));
  });

  test('requires TLS 1.2 or later, has its own certificate, and writes no access log', () => {
    expect(distribution()).toMatchObject({
      Aliases: [DOWNLOADS.downloadDomain],
      ViewerCertificate: {
        AcmCertificateArn: DOWNLOADS.downloadCertificateArn,
        MinimumProtocolVersion: expect.stringMatching(/^TLSv1\.[23]_/),
        SslSupportMethod: 'sni-only',
      },
    });
    expect(distribution().Logging).toBeUndefined();
  });

  test('gets no permissions on the bucket', () => {
    expect(inWords(distribution().Origins)).toEqual([
      {
        Id: expect.any(String),
        DomainName: '<FileBucket.RegionalDomainName>',
        S3OriginConfig: { OriginAccessIdentity: '' },
      },
    ]);
    expect(resourcesOf(template, 'AWS::CloudFront::OriginAccessControl')).toEqual([]);
    const policies = (of: Template) => resourcesOf(of, 'AWS::S3::BucketPolicy');
    expect(policies(template)).toEqual(policies(withOptions({})));
    expect(JSON.stringify(policies(template))).not.toContain('cloudfront');
  });

  test('outputs its target, or has an alias record if its zone is given', () => {
    expect(inWords(template.Outputs.DownloadDomainTarget?.Value)).toBe('<DownloadDistribution.DomainName>');
    const inZone = withOptions({ ...DOWNLOADS, ...ZONE });
    expect(inZone.Outputs.DownloadDomainTarget).toBeUndefined();
    expect(inWords(resource(inZone, 'DownloadDomainAlias').Properties)).toMatchObject({
      Name: 'downloads.example.org.',
      Type: 'A',
      AliasTarget: { DNSName: '<DownloadDistribution.DomainName>' },
    });
  });
});

describe('the download host', () => {
  test.each([
    ['downloadDomain', DOWNLOADS, 'https://downloads.example.org'],
    ['downloadHost', { downloadHost: 'downloads.example.org:8443' }, 'https://downloads.example.org:8443'],
  ])(
    'set with %s is passed to functions that return URLs or show pages, but is not used for signing',
    (_name, options, origin) => {
      const template = withOptions(options);
      const told = variable(template, 'DOWNLOAD_ORIGIN');
      expect(new Set(Object.values(told))).toEqual(new Set([origin]));
      expect(Object.keys(told)).toEqual(
        expect.arrayContaining(['RedeemFunction', 'ObjectsFunction', 'PagesFunction', 'MintFunction']),
      );
      // Uploads go to the bucket itself.
      for (const sender of ['UploadsFunction', 'ReceiveFunction']) expect(told).not.toHaveProperty(sender);
      expect(new Set(Object.values(variable(template, 'FILES_ORIGIN')))).toEqual(
        new Set(['https://<FileBucket.RegionalDomainName>']),
      );
      expect(variable(template, 'S3_ENDPOINT')).toEqual({});
    },
  );
});

describe('s3Endpoint', () => {
  const template = withOptions({ s3Endpoint: ENDPOINT });

  test('is passed only to functions that sign URLs', () => {
    const told = variable(template, 'S3_ENDPOINT');
    expect(Object.keys(told).toSorted()).toEqual(SIGNERS.toSorted());
    expect(new Set(Object.values(told))).toEqual(new Set([`https://${ENDPOINT}`]));
  });

  test('follows the bucket name in the origin to which forms and scripts on pages can send files', () => {
    expect(new Set(Object.values(variable(template, 'FILES_ORIGIN')))).toEqual(
      new Set([`https://<FileBucket>.${ENDPOINT}`]),
    );
  });
});

describe('fileTrail', () => {
  const template = withOptions({ fileTrail: true, logRetentionDays: 90 });

  test('records only reads of objects in the bucket', () => {
    const { AdvancedEventSelectors, EventSelectors, IncludeGlobalServiceEvents } = resource(
      template,
      'FileTrail',
    ).Properties;
    expect(inWords(AdvancedEventSelectors)).toEqual([
      {
        Name: 'Reads of files',
        FieldSelectors: [
          { Field: 'eventCategory', Equals: ['Data'] },
          { Field: 'resources.type', Equals: ['AWS::S3::Object'] },
          { Field: 'readOnly', Equals: ['true'] },
          { Field: 'resources.ARN', StartsWith: ['<FileBucket.Arn>/'] },
        ],
      },
    ]);
    expect(EventSelectors).toBeUndefined();
    expect(IncludeGlobalServiceEvents).toBe(false);
  });

  // "Have no adjacent periods, underscores or dashes" (AWS CloudTrail User Guide, "CloudTrail resource naming requirements").
  test.each(['files-of--a', 'files-'])('has a name that CloudTrail accepts in the stack %s', (stackName) => {
    const { TrailName } = resource(withOptions({ stackName, fileTrail: true }), 'FileTrail').Properties;
    expect(TrailName).toMatch(/^[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*-files$/);
  });

  test('signs its log files, and is created after the policy of its bucket', () => {
    const { Properties, DependsOn = [] } = resource(template, 'FileTrail');
    expect(Properties).toMatchObject({ EnableLogFileValidation: true, IsLogging: true });
    const dependencies = [DependsOn].flat().map((logicalId) => resource(template, logicalId));
    expect(dependencies.map(({ Properties: { Bucket } }) => inWords(Bucket))).toEqual(['<FileTrailBucket>']);
  });

  test('has a private, encrypted bucket that deletes its files after logRetentionDays', () => {
    expect(resource(template, 'FileTrailBucket').Properties).toMatchObject({
      BucketEncryption: expect.anything(),
      LifecycleConfiguration: { Rules: [{ ExpirationInDays: 90, Id: 'ForgetOldLogs', Status: 'Enabled' }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
  });

  test('lets CloudTrail write only for this trail, and denies all access without TLS', () => {
    const [[, policy] = []] = resourcesOf(template, 'AWS::S3::BucketPolicy').filter(
      ([, { Properties }]) => inWords(Properties.Bucket) === '<FileTrailBucket>',
    );
    const { Statement } = inWords(policy?.Properties.PolicyDocument) as {
      readonly Statement: readonly Readonly<Record<string, unknown>>[];
    };
    const admitted = Statement.filter(
      ({ Principal }) => JSON.stringify(Principal) === '{"Service":"cloudtrail.amazonaws.com"}',
    );
    expect(admitted.map(({ Effect, Action }) => [Effect, Action])).toEqual([
      ['Allow', 's3:GetBucketAcl'],
      ['Allow', 's3:PutObject'],
    ]);
    const arn =
      'arn:<AWS::Partition>:cloudtrail:<AWS::Region>:<AWS::AccountId>:trail/TokenVendingMachine-files';
    for (const { Condition } of admitted)
      expect(Condition).toMatchObject({ StringEquals: { 'aws:SourceArn': arn } });
    expect(resource(template, 'FileTrail').Properties.TrailName).toBe('TokenVendingMachine-files');
    expect(Statement).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    );
  });
});
