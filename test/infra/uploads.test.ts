import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadEvaluator } from '../../laptop/src/iam/evaluate.ts';
import { PolicyDocument } from '../../laptop/src/iam/policy-document.ts';
import { inWords, resource, resourcesOf, SENDER, type Template, templateOf } from './template.ts';

let template: Template;

beforeAll(() => {
  template = templateOf();
});

const BUCKET = 'arn:aws:s3:::files';
const UPLOAD = `${BUCKET}/uploads/c0123456789abcdef0123456789abcdef`;
const KEY = 'arn:aws:kms:us-east-1:111122223333:key/data';
const PUT = {
  's3:if-none-match': '*',
  's3:ObjectCreationOperation': 'true',
  's3:authType': 'REST-QUERY-STRING',
  's3:signatureAge': '1000',
};
const CLEAN = { 's3:ExistingObjectTag/GuardDutyMalwareScanStatus': 'NO_THREATS_FOUND' };
const UNSUPPORTED = { 's3:ExistingObjectTag/GuardDutyMalwareScanStatus': 'UNSUPPORTED' };
const INFECTED = { 's3:ExistingObjectTag/GuardDutyMalwareScanStatus': 'THREATS_FOUND' };
const RELEASED = { 's3:ExistingObjectTag/ReleasedByOperator': 'true' };

type Conditions = Readonly<Record<string, string | readonly string[]>>;

/** Replaces references with ARNs like CloudFormation's. */
function filled(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(inWords(value))
      .replaceAll('<FileBucket.Arn>', BUCKET)
      .replaceAll(/<DataKey(\.Arn)?>/g, KEY)
      .replaceAll(/<(\w+Role\w*)\.Arn>/g, 'arn:aws:iam::111122223333:role/$1')
      .replaceAll('<AWS::AccountId>', '111122223333')
      .replaceAll('<AWS::Partition>', 'aws')
      .replaceAll('<AWS::Region>', 'us-east-1')
      .replaceAll(/<[\w.:]+>/g, 'something'),
  );
}

const bucketPolicy = (deployed: Template) => {
  const [found] = resourcesOf(deployed, 'AWS::S3::BucketPolicy').filter(
    ([, { Properties }]) => inWords(Properties.Bucket) === '<FileBucket>',
  );
  return PolicyDocument.parse(filled(found?.[1].Properties.PolicyDocument));
};

interface Call {
  readonly action: string;
  readonly on?: string;
  readonly given?: Conditions;
}

/** Returns the reason why a role is denied a call, or `undefined` if the call is allowed. */
async function refusal(
  role: string,
  { action, on = UPLOAD, given = {} }: Call,
  deployed = template,
): Promise<string | undefined> {
  const evaluate = await loadEvaluator();
  const roleArn = `arn:aws:iam::111122223333:role/${role}`;
  const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  const policies =
    role === 'Admin'
      ? [{ name: 'everything', policy: PolicyDocument.parse(everything) }]
      : (resource(deployed, role).Properties.Policies as { PolicyDocument: unknown }[]).map(
          ({ PolicyDocument: document }) => ({
            name: 'permissions',
            policy: PolicyDocument.parse(filled(document)),
          }),
        );
  return await evaluate({
    caller: `arn:aws:sts::111122223333:assumed-role/${role}/session`,
    action,
    resource: on,
    accountId: '111122223333',
    conditions: {
      'aws:SecureTransport': 'true',
      's3:TlsVersion': '1.3',
      'aws:PrincipalArn': roleArn,
      ...given,
    },
    identityPolicies: policies,
    resourcePolicy: bucketPolicy(deployed),
  });
}

const DENIED = 'with an explicit deny in a resource-based policy';

describe('an upload in quarantine', () => {
  const reads = ['s3:GetObject', 's3:GetObjectVersion'];
  const others = ['Admin', 'RedeemRole', 'StreamRole', 'LinksRole', 'ObjectsRole'];

  test.each(others)('cannot be read by %s unless it is clean or released', async (role) => {
    for (const action of reads) {
      for (const given of [{}, UNSUPPORTED, INFECTED]) {
        expect(await refusal(role, { action, given })).toBeDefined();
      }
    }
    expect(await refusal('Admin', { action: 's3:GetObjectVersion' })).toBe(DENIED);
  });

  test.each(['RedeemRole', 'StreamRole', 'ObjectsRole'])(
    'can be read by %s once it is clean or released',
    async (role) => {
      for (const given of [CLEAN, { ...UNSUPPORTED, ...RELEASED }, RELEASED]) {
        expect(await refusal(role, { action: 's3:GetObjectVersion', given })).toBeUndefined();
      }
    },
  );

  test('cannot be read if a scan found threats after its release', async () => {
    const call = { action: 's3:GetObjectVersion', given: { ...INFECTED, ...RELEASED } };
    expect(await refusal('ObjectsRole', call)).toBe(DENIED);
  });

  test('can be read by the scanner, and by the functions that check it', async () => {
    for (const role of ['FinalizeRole', 'SubmitRole', 'ScannerRole']) {
      for (const action of reads) {
        for (const given of [{}, UNSUPPORTED, INFECTED]) {
          expect([role, await refusal(role, { action, given })]).toEqual([role, undefined]);
        }
      }
    }
  });

  test('cannot leave the bucket by replication or torrent', async () => {
    for (const action of ['s3:GetObjectVersionForReplication', 's3:GetObjectVersionTorrent']) {
      expect(await refusal('Admin', { action })).toBe(DENIED);
    }
  });
});

test.each(['gated', 'private'])('a file under %s can be read although it has no tag', async (prefix) => {
  const call = { action: 's3:GetObject', on: `${BUCKET}/${prefix}/report.pdf` };
  expect(await refusal('RedeemRole', call)).toBeUndefined();
});

describe('a tag of an upload', () => {
  const tagging = (tags: Readonly<Record<string, string>>, given: Conditions = {}) => ({
    action: 's3:PutObjectVersionTagging',
    given: {
      ...given,
      's3:RequestObjectTagKeys': Object.keys(tags),
      ...Object.fromEntries(
        Object.entries(tags).map(([key, value]) => [`s3:RequestObjectTag/${key}`, value]),
      ),
    },
  });
  const verdict = (status: string) => ({ GuardDutyMalwareScanStatus: status });

  test('can be written by the scanner, whatever the verdict', async () => {
    for (const status of ['NO_THREATS_FOUND', 'THREATS_FOUND', 'UNSUPPORTED']) {
      expect(await refusal('ScannerRole', tagging(verdict(status)))).toBeUndefined();
    }
  });

  test('can be written by nobody but the scanner, not even an administrator, except to mark a release', async () => {
    for (const role of ['Admin', 'UploadsRole', 'FinalizeRole', 'SweepRole', 'VerdictsRole']) {
      expect(await refusal(role, tagging(verdict('NO_THREATS_FOUND')))).toBeDefined();
    }
    expect(await refusal('Admin', tagging(verdict('NO_THREATS_FOUND')))).toBe(DENIED);
    expect(await refusal('Admin', { ...tagging({ mine: '1' }), action: 's3:PutObjectTagging' })).toBe(DENIED);
    expect(await refusal('Admin', { action: 's3:ReplicateTags' })).toBe(DENIED);
  });

  test('can never be removed', async () => {
    for (const action of ['s3:DeleteObjectTagging', 's3:DeleteObjectVersionTagging']) {
      expect(await refusal('Admin', { action })).toBe(DENIED);
    }
  });

  test('can mark a release without changing the verdict', async () => {
    const release = { ...verdict('UNSUPPORTED'), ReleasedByOperator: 'true' };
    expect(await refusal('ReviewsRole', tagging(release, UNSUPPORTED))).toBeUndefined();
    expect(await refusal('ReviewsRole', tagging({ ReleasedByOperator: 'true' }))).toBeUndefined();
  });

  test('cannot be a clean verdict or an unknown tag if the reviews function writes it', async () => {
    expect(await refusal('ReviewsRole', tagging(verdict('NO_THREATS_FOUND'), UNSUPPORTED))).toBe(DENIED);
    const more = { ...verdict('FAILED'), ReleasedByOperator: 'true', more: '1' };
    expect(await refusal('ReviewsRole', tagging(more))).toBe(DENIED);
  });

  test('cannot release an upload with threats', async () => {
    const release = { ...verdict('UNSUPPORTED'), ReleasedByOperator: 'true' };
    expect(await refusal('ReviewsRole', tagging(release, INFECTED))).toBe(DENIED);
  });
});

describe('a write under uploads/', () => {
  const put = (given: Conditions) => ({ action: 's3:PutObject', given });
  const { 's3:if-none-match': _, ...unconditional } = PUT;

  test.each(['UploadsRole', 'FinalizeRole', 'ReceiveRole', 'SubmitRole'])(
    'by %s must be conditional and without tags',
    async (role) => {
      expect(await refusal(role, put(PUT))).toBeUndefined();
      expect(await refusal(role, put(unconditional))).toBe(DENIED);
      expect(await refusal(role, put({ ...PUT, 's3:RequestObjectTagKeys': ['any'] }))).toBe(DENIED);
    },
  );

  test('can be a form POST without If-None-Match if the receive function has signed the form', async () => {
    const form = put({ 's3:ObjectCreationOperation': 'true', 's3:authType': 'POST' });
    expect(await refusal('ReceiveRole', form)).toBeUndefined();
    expect(await refusal('UploadsRole', form)).toBe(DENIED);
    expect(await refusal('SubmitRole', form)).toBe(DENIED);
    expect(await refusal('ReceiveRole', put({ ...unconditional, 's3:authType': 'REST-HEADER' }))).toBe(
      DENIED,
    );
  });

  test('can be a part without If-None-Match', async () => {
    const part = put({ ...unconditional, 's3:ObjectCreationOperation': 'false' });
    expect(await refusal('UploadsRole', part)).toBeUndefined();
  });

  test('is refused two minutes after it was signed', async () => {
    expect(await refusal('UploadsRole', put({ ...PUT, 's3:signatureAge': '120001' }))).toBe(DENIED);
  });

  test('is denied to the scanner and to functions that accept no uploads, and upload functions cannot write offered files', async () => {
    for (const role of ['SweepRole', 'VerdictsRole', 'ReviewsRole', 'ObjectsRole', 'ScannerRole']) {
      expect(await refusal(role, put(PUT))).toBeDefined();
    }
    const offer = { ...put(PUT), on: `${BUCKET}/gated/report.pdf` };
    for (const role of ['UploadsRole', 'FinalizeRole']) expect(await refusal(role, offer)).toBeDefined();
  });
});

describe('the scanner', () => {
  test('scans everything under uploads/ and records its verdict in a tag', () => {
    expect(inWords(resource(template, 'MalwareProtectionPlan').Properties)).toEqual({
      Role: '<ScannerRole.Arn>',
      ProtectedResource: { S3Bucket: { BucketName: '<FileBucket>', ObjectPrefixes: ['uploads/'] } },
      Actions: { Tagging: { Status: 'ENABLED' } },
    });
  });

  test('has a role that only GuardDuty may assume, and that cannot read offered files', async () => {
    expect(resource(template, 'ScannerRole').Properties.AssumeRolePolicyDocument).toMatchObject({
      Statement: [
        {
          Action: 'sts:AssumeRole',
          Principal: { Service: 'malware-protection-plan.guardduty.amazonaws.com' },
        },
      ],
    });
    const offered = { action: 's3:GetObject', on: `${BUCKET}/private/report.pdf` };
    expect(await refusal('ScannerRole', offered)).toBeDefined();
    const probe = { action: 's3:PutObject', on: `${BUCKET}/malware-protection-resource-validation-object` };
    expect(await refusal('ScannerRole', probe)).toBeUndefined();
  });

  test('can use the data key only through S3', async () => {
    const call = (service: string) => ({
      action: 'kms:Decrypt',
      on: KEY,
      given: { 'kms:ViaService': `${service}.us-east-1.amazonaws.com` },
    });
    const [statement] = (
      filled(resource(template, 'ScannerRole').Properties.Policies) as {
        readonly PolicyDocument: { readonly Statement: readonly { readonly Condition?: unknown }[] };
      }[]
    )
      .flatMap(({ PolicyDocument: { Statement } }) => Statement)
      .filter((each) => JSON.stringify(each).includes('kms:Decrypt'));
    expect(statement?.Condition).toEqual({
      StringEquals: { 'kms:ViaService': call('s3').given['kms:ViaService'] },
    });
  });
});

describe('the bucket', () => {
  test('accepts uploads only from pages of this API', () => {
    expect(inWords(resource(template, 'FileBucket').Properties.CorsConfiguration)).toEqual({
      CorsRules: [
        {
          AllowedOrigins: ['https://<Api>.execute-api.<AWS::Region>.<AWS::URLSuffix>'],
          AllowedMethods: ['PUT', 'POST'],
          AllowedHeaders: ['*'],
          ExposedHeaders: ['ETag'],
          MaxAge: 600,
        },
      ],
    });
  });
});

describe('uploads=off', () => {
  const off = () => templateOf({ senderEmail: SENDER, uploads: 'off' });

  test('removes everything about uploads from the template, except what guards and opens earlier ones', () => {
    const { FileBucket: bucket, ...others } = off().Resources;
    const apart = Object.entries(others).filter(
      ([, { Type }]) => Type !== 'AWS::S3::BucketPolicy' && Type !== 'AWS::IAM::Role',
    );
    expect(JSON.stringify(apart)).not.toMatch(/uploads?(\/|table|history)|guardduty|sweep|verdict|oidc/i);
    expect(bucket?.Properties).not.toHaveProperty('CorsConfiguration');
    expect(bucket?.Properties).not.toHaveProperty('NotificationConfiguration');
    expect(JSON.stringify(off().Outputs)).not.toMatch(/upload|verdict|scanner/i);
  });

  const reads = ['s3:GetObject', 's3:GetObjectVersion'];

  test('lets nobody read or tag earlier uploads that were not found clean', async () => {
    for (const given of [{}, UNSUPPORTED, INFECTED, { ...INFECTED, ...RELEASED }]) {
      for (const action of [...reads, 's3:PutObjectVersionTagging', 's3:DeleteObjectVersionTagging'])
        expect([action, given, await refusal('Admin', { action, given }, off())]).toEqual([
          action,
          given,
          DENIED,
        ]);
    }
    for (const action of ['s3:GetObjectVersionForReplication', 's3:ReplicateTags'])
      expect(await refusal('Admin', { action }, off())).toBe(DENIED);
  });

  test('does not break the links to earlier uploads, which can still be read once clean or released', async () => {
    for (const role of ['RedeemRole', 'StreamRole']) {
      for (const given of [CLEAN, { ...UNSUPPORTED, ...RELEASED }]) {
        for (const action of reads) expect(await refusal(role, { action, given }, off())).toBeUndefined();
      }
    }
  });

  test('still deletes earlier uploads with threats', () => {
    const { LifecycleConfiguration } = resource(off(), 'FileBucket').Properties;
    expect(LifecycleConfiguration).toMatchObject({
      Rules: expect.arrayContaining([expect.objectContaining({ Id: 'RemoveThreats', Prefix: 'uploads/' })]),
    });
  });

  test('changes nothing apart from uploads', () => {
    const before = Object.entries(off().Resources).map(([logicalId, { Type }]) => `${logicalId} ${Type}`);
    const after = Object.entries(template.Resources).map(([logicalId, { Type }]) => `${logicalId} ${Type}`);
    // The deployment's ID depends on the routes.
    expect(before.filter((each) => !after.includes(each))).toEqual([
      expect.stringMatching(/ AWS::ApiGateway::Deployment$/),
    ]);
  });
});
