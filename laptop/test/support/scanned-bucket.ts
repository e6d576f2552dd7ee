import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectTaggingCommand, PutObjectCommand, S3Client, type Tag } from '@aws-sdk/client-s3';
import type { Authorize } from '../../src/access.ts';
import { type AccessKeys, openAccessKeys } from '../../src/access-keys.ts';
import type { EventContent } from '../../src/events/event.ts';
import { scanContent } from '../../src/guardduty/content-scan.ts';
import {
  type MalwareProtection,
  type MalwareProtectionOptions,
  protectBuckets,
} from '../../src/guardduty/malware-protection.ts';
import { readPlans, roleOf } from '../../src/guardduty/plan.ts';
import { createAuthorizer } from '../../src/iam/authorizer.ts';
import { readPolicies } from '../../src/iam/stack-policies.ts';
import { type RunningS3, startS3 } from '../../src/s3/s3.ts';
import { openStackModel } from '../../src/template/stack-model.ts';
import { parseTemplate } from '../../src/template/template.ts';
import { afterwards } from './afterwards.ts';

export const HOME = { region: 'us-east-1', accountId: '000000000000' };
const NOW = new Date('2026-03-01T12:00:00.500Z');

/** The documented permissions of a plan's role, except those for setting up the bucket. */
export const SCANNER_PERMISSIONS = [
  ...['s3:GetObject', 's3:GetObjectVersion', 's3:GetObjectTagging', 's3:GetObjectVersionTagging'],
  ...['s3:PutObjectTagging', 's3:PutObjectVersionTagging'],
];

/** A bucket with a Malware Protection plan for the prefix `incoming/`. */
export interface ScannedBucket {
  readonly keys: AccessKeys;
  readonly protection: MalwareProtection;
  /** The events that were published. */
  readonly events: EventContent[];
  readonly authorize: Authorize;
  /** Puts an object, and resolves to its version ID once the object has been scanned. */
  put(key: string, body: string, tagging?: string): Promise<string>;
  tagsOf(key: string): Promise<Tag[]>;
  readonly s3: S3Client;
  readonly service: Pick<RunningS3, 'createBucket' | 'findObject'>;
}

interface ScannedBucketOptions extends Partial<Pick<MalwareProtectionOptions, 'choose' | 'scanner'>> {
  readonly permissions?: readonly string[];
  /** The bucket policy's only statement. By default, its effect is `Deny`, and its resource is all objects. */
  readonly bucketStatement?: object;
  readonly tagging?: 'ENABLED' | 'DISABLED';
  readonly versioned?: 'Enabled' | 'Suspended';
}

const contentScanner: MalwareProtectionOptions['scanner'] = {
  name: 'content',
  scan: async (read) => scanContent(await read()),
};

/** Returns a function that opens a bucket with its own template and policies. Buckets are closed after each test. */
export function scannedBuckets(): (options?: ScannedBucketOptions) => Promise<ScannedBucket> {
  const undoing = afterwards();
  return (options = {}) => openBucket(options, undoing);
}

async function openBucket(
  options: ScannedBucketOptions,
  undoing: ReturnType<typeof afterwards>,
): Promise<ScannedBucket> {
  const { permissions = SCANNER_PERMISSIONS, tagging = 'ENABLED', bucketStatement } = options;
  const bucketArn = { 'Fn::GetAtt': ['Bucket', 'Arn'] };
  const objects = { 'Fn::Join': ['', [bucketArn, '/*']] };
  const model = openStackModel(
    parseTemplate({
      Resources: {
        Bucket: { Type: 'AWS::S3::Bucket' },
        ...(bucketStatement === undefined
          ? {}
          : {
              Policy: {
                Type: 'AWS::S3::BucketPolicy',
                Properties: {
                  Bucket: { Ref: 'Bucket' },
                  PolicyDocument: {
                    Version: '2012-10-17',
                    Statement: [{ Effect: 'Deny', Resource: objects, ...bucketStatement }],
                  },
                },
              },
            }),
        Plan: {
          Type: 'AWS::GuardDuty::MalwareProtectionPlan',
          Properties: {
            Role: { 'Fn::GetAtt': ['Scanner', 'Arn'] },
            ProtectedResource: { S3Bucket: { BucketName: { Ref: 'Bucket' }, ObjectPrefixes: ['incoming/'] } },
            Actions: { Tagging: { Status: tagging } },
          },
        },
        Scanner: {
          Type: 'AWS::IAM::Role',
          Properties: {
            Policies: [
              {
                PolicyName: 'scan',
                PolicyDocument: {
                  Version: '2012-10-17',
                  Statement: [
                    { Effect: 'Allow', Action: permissions, Resource: objects },
                    { Effect: 'Allow', Action: 's3:ListBucket', Resource: bucketArn },
                  ],
                },
              },
            ],
          },
        },
      },
    }),
    { ...HOME, stackName: 'small', queueUrl: () => '' },
  );
  const dir = mkdtempSync(join(tmpdir(), 'guardduty-'));
  undoing(() => rmSync(dir, { recursive: true }));
  const keys = openAccessKeys(join(dir, 'keys.json'), HOME.accountId);
  const plans = readPlans(model);
  const authorize = createAuthorizer({
    policies: readPolicies(model, [], plans.map(roleOf)),
    implied: () => [],
    accessKeys: keys,
    clock: () => NOW,
    ...HOME,
  });
  let created: MalwareProtection['objectCreated'] = () => undefined;
  const service = await startS3({
    port: 0,
    dataDir: join(dir, 's3'),
    clock: () => new Date(),
    credentials: keys.lookup,
    authorize,
    onObjectCreated: (object) => created(object),
  });
  undoing(service.close);
  service.createBucket('small-bucket', { versioned: options.versioned !== 'Suspended' });
  const events: EventContent[] = [];
  const protection = protectBuckets({
    plans,
    scanner: options.scanner ?? contentScanner,
    choose: options.choose ?? (() => undefined),
    s3Url: service.url,
    region: HOME.region,
    clock: () => NOW,
    accessKeyOf: ({ logicalId }) => keys.keyOf('role', logicalId),
    publish: (event) => events.push(event),
  });
  undoing(protection.close);
  created = protection.objectCreated;
  const credentials = keys.keyOf('user', 'operator');
  const s3 = new S3Client({ endpoint: service.url, region: HOME.region, credentials, forcePathStyle: true });
  undoing(() => s3.destroy());
  return {
    ...{ keys, protection, events, authorize, s3, service },
    put: async (Key, Body, Tagging) => {
      const input = { Bucket: 'small-bucket', Key, Body, Tagging };
      const { VersionId = 'null' } = await s3.send(new PutObjectCommand(input));
      await protection.idle();
      return VersionId;
    },
    tagsOf: async (Key) => {
      const { TagSet = [] } = await s3.send(new GetObjectTaggingCommand({ Bucket: 'small-bucket', Key }));
      return TagSet;
    },
  };
}

export const verdictTag = (Value: string): Tag => ({ Key: 'GuardDutyMalwareScanStatus', Value });
