import { CfnResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement, type PolicyStatementProps } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  type LifecycleRule,
  ObjectOwnership,
  StorageClass,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { keepPolicyOf, removalPolicyFor } from '../removal.ts';
import { FileTrail } from './file-trail.ts';
import { logBucket } from './log-bucket.ts';
import { setLogicalId } from './logical-id.ts';

/** Prefix of public files, which anyone can request through the form. */
export const PUBLIC_PREFIX = 'gated/';

/** Prefix of private files, for which only IAM callers can issue links. */
export const PRIVATE_PREFIX = 'private/';

export const OFFERED_PREFIXES = [PUBLIC_PREFIX, PRIVATE_PREFIX] as const;
type OfferedPrefix = (typeof OFFERED_PREFIXES)[number];

/** Prefix of uploaded files. Each is named after the ID of its upload. */
export const UPLOAD_PREFIX = 'uploads/';

export type FilePrefix = OfferedPrefix | typeof UPLOAD_PREFIX;

/** Days for which the parts of an incomplete multipart upload are stored. */
const UPLOAD_DAYS = 7;

/** Longest lifetime of an uploaded object's URL: the highest `expiresIn` that a caller can request. */
const OBJECT_URL_SECONDS = 300;

/** Longest lifetime of any download URL (`SECOND_CHANCE_SECONDS` in lambda/domain/second-chance.ts). */
const SECOND_CHANCE_SECONDS = 600;

/** Lifetime of the URL for uploading a file or a part (`SIGNED_SECONDS` in lambda/domain/uploads/open-upload.ts). */
const UPLOAD_URL_SECONDS = 120;

export interface FileStoreProps {
  readonly key: Key;
  readonly config: Config;
}

/** Creates the private bucket, with denials that hold whatever a role's policies allow. */
export class FileStore extends Construct {
  readonly bucket: Bucket;
  /** The origin that URLs are signed for: an interface endpoint, or the regional endpoint, which never redirects. */
  readonly origin: string;

  constructor(scope: Construct, id: string, { key, config }: FileStoreProps) {
    super(scope, id);
    const removalPolicy = removalPolicyFor(config.stage);
    const emptied = removalPolicy === RemovalPolicy.DESTROY;
    this.bucket = new Bucket(this, 'FileBucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true,
      versioned: true,
      lifecycleRules: lifecycleOf(config),
      // Log lines contain presigned URLs, but S3 delivers the lines hours later, when all URLs have expired. The cast
      // is needed because the CDK types optional properties of `Bucket` more loosely than those of `IBucket`.
      serverAccessLogsBucket: logBucket(this, 'AccessLogBucket', config) as IBucket,
      serverAccessLogsPrefix: 'files/',
      removalPolicy,
      autoDeleteObjects: emptied,
    });
    setLogicalId(this.bucket, 'FileBucket');
    keepPolicyOf(this.bucket, config.stage);
    const { bucketName, bucketRegionalDomainName } = this.bucket;
    const { s3Endpoint } = config;
    this.origin = `https://${s3Endpoint === undefined ? bucketRegionalDomainName : `${bucketName}.${s3Endpoint}`}`;
    this.#refuseOldSignatures(config);
    this.#refuseForeignEncryption(key);
    if (config.fileTrail) new FileTrail(this, 'FileTrail', { files: this.bucket, config });
    if (emptied) forbidLogsOfEmptying(this);
  }

  /** Limits the lifetime of presigned URLs, whoever signed them ("SigV4 authentication specific policy keys"). */
  #refuseOldSignatures({ downloadSeconds, secondChance }: Config): void {
    const read = ['s3:GetObject', 's3:GetObjectVersion'];
    const uploaded = [this.bucket.arnForObjects(`${UPLOAD_PREFIX}*`)];
    const oldest = (usual: number) => olderThan(secondChance === 'on' ? SECOND_CHANCE_SECONDS : usual);
    this.#deny('RefuseOldPresignedUrls', read, oldest(downloadSeconds), { notResources: uploaded });
    this.#deny('RefuseOldObjectUrls', read, oldest(OBJECT_URL_SECONDS), { resources: uploaded });
    this.#deny('RefuseOldUploadUrls', ['s3:PutObject'], olderThan(UPLOAD_URL_SECONDS), {
      resources: uploaded,
    });
  }

  /**
   * Refuses encryption with any key but the bucket's. Without encryption headers, as in a plain `aws s3 cp`, the
   * bucket's default applies.
   */
  #refuseForeignEncryption(key: Key): void {
    const present = (header: string) => ({ Null: { [header]: 'false' } });
    const keyHeader = 's3:x-amz-server-side-encryption-aws-kms-key-id';
    this.#deny('RefuseOtherKeys', ['s3:PutObject'], {
      ...present(keyHeader),
      StringNotEquals: { [keyHeader]: [key.keyArn, key.keyId] },
    });
    this.#deny('RefuseOtherEncryption', ['s3:PutObject'], {
      ...present('s3:x-amz-server-side-encryption'),
      StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' },
    });
    this.#deny(
      'RefuseCustomerKeys',
      ['s3:PutObject'],
      present('s3:x-amz-server-side-encryption-customer-algorithm'),
    );
  }

  #deny(
    sid: string,
    actions: string[],
    conditions: Record<string, Record<string, string | string[]>>,
    where: Pick<PolicyStatementProps, 'resources' | 'notResources'> = {},
  ): void {
    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        sid,
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions,
        ...(where.notResources === undefined && { resources: [this.bucket.arnForObjects('*')] }),
        ...where,
        conditions,
      }),
    );
  }
}

/** Returns a condition that matches presigned requests whose signatures are older than this. */
function olderThan(seconds: number) {
  return {
    StringEquals: { 's3:authType': 'REST-QUERY-STRING' },
    NumericGreaterThan: { 's3:signatureAge': String(seconds * 1000) },
  };
}

function lifecycleOf({ oldVersionDays, storageClass, storageClassAfterDays }: Config): LifecycleRule[] {
  const tidy: LifecycleRule = {
    id: 'ForgetOldVersions',
    noncurrentVersionExpiration: Duration.days(oldVersionDays),
    expiredObjectDeleteMarker: true,
    abortIncompleteMultipartUploadAfter: Duration.days(UPLOAD_DAYS),
  };
  if (storageClass === 'STANDARD') return [tidy];
  const transitionAfter = Duration.days(storageClassAfterDays);
  const move = (id: string, prefix: string): LifecycleRule => ({
    id,
    prefix,
    transitions: [{ storageClass: new StorageClass(storageClass), transitionAfter }],
  });
  return [tidy, move('MoveFilesOnOffer', PUBLIC_PREFIX), move('MovePrivateFiles', PRIVATE_PREFIX)];
}

/**
 * Stops the function that empties the bucket from writing logs. Otherwise, Lambda creates a log group for it that does
 * not belong to the stack and remains when the stack is destroyed. Failures show in the stack's events.
 */
function forbidLogsOfEmptying(scope: Construct): void {
  const role = Stack.of(scope)
    .node.tryFindChild('Custom::S3AutoDeleteObjectsCustomResourceProvider')
    ?.node.tryFindChild('Role');
  if (role === undefined || !CfnResource.isCfnResource(role)) {
    throw new Error('The CDK no longer creates the bucket-emptying role at this construct path');
  }
  role.addPropertyDeletionOverride('ManagedPolicyArns');
}
