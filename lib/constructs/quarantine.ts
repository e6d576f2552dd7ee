import { Duration } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type Bucket, CfnBucket, HttpMethods } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { UPLOAD_PREFIX } from './file-store.ts';

/**
 * The tag in which GuardDuty writes its verdict (Amazon GuardDuty User Guide, "Using tag-based access control (TBAC)").
 */
const VERDICT_TAG = 'GuardDutyMalwareScanStatus';

/** The tag that publishes an upload on an operator's word, because the scanner could not judge it. */
const RELEASE_TAG = 'ReleasedByOperator';

/** Days after which the bucket itself deletes an object with threats. */
const THREAT_DAYS = 7;

/**
 * Every action that returns the bytes of an object. The ones in `READ_UNTAGGED` cannot be restricted by tag, and S3
 * rejects any policy with such a condition (Service Authorization Reference, "Amazon S3").
 */
const READ = ['s3:GetObject', 's3:GetObjectVersion'];
const READ_UNTAGGED = [
  's3:GetObjectTorrent',
  's3:GetObjectVersionTorrent',
  's3:GetObjectVersionForReplication',
];

/** Every action that tags an object, except replication, which cannot be restricted by tag either. */
const TAG = ['s3:PutObjectTagging', 's3:PutObjectVersionTagging'];
const UNTAG = ['s3:DeleteObjectTagging', 's3:DeleteObjectVersionTagging'];

/** ARNs of the roles that the bucket's policy exempts. */
export interface QuarantineRoles {
  /** Reads objects that are not clean, to check their first bytes. */
  readonly checker: string;
  /** Reads objects that are not clean, and writes the verdict. */
  readonly scanner: string;
  /** Tags objects that an operator has released. */
  readonly reviewer: string;
}

/** Exempts these roles from a denial. IAM rejects an empty list, so without any roles, the denial holds for everyone. */
const exceptFor = (...roles: readonly string[]) =>
  roles.length > 0 ? { ArnNotEquals: { 'aws:PrincipalArn': [...roles] } } : {};

/**
 * Turns the prefix of uploads into a quarantine. Nobody can write an object twice, except with a form. Until the
 * scanner has tagged an object as clean or an operator has released it, only the scanner and the checkers can read it.
 * This applies to every principal in the account, whatever its own policies allow. It also applies if the options turn
 * uploads off, because the bucket keeps the objects that were sent before. In that case, nobody is exempt.
 */
export class Quarantine extends Construct {
  readonly #bucket: Bucket;
  readonly #readers: string[] = [];
  readonly #formSigners: string[] = [];
  #roles: QuarantineRoles | undefined;

  constructor(scope: Construct, id: string, { bucket }: { readonly bucket: Bucket }) {
    super(scope, id);
    this.#bucket = bucket;
    // A fallback in case the sweep does not run. The sweep deletes unpublished uploads, because no lifecycle rule can
    // match an absent tag. Another rule aborts incomplete multipart uploads in the whole bucket.
    bucket.addLifecycleRule({
      id: 'RemoveThreats',
      prefix: UPLOAD_PREFIX,
      tagFilters: { [VERDICT_TAG]: 'THREATS_FOUND' },
      expiration: Duration.days(THREAT_DAYS),
      noncurrentVersionExpiration: Duration.days(1),
    });
  }

  /** Lets browsers send uploads from the pages of this origin, and S3 report them to EventBridge. */
  accept(site: string): void {
    this.#bucket.addCorsRule({
      allowedOrigins: [site],
      allowedMethods: [HttpMethods.PUT, HttpMethods.POST],
      allowedHeaders: ['*'],
      exposedHeaders: ['ETag'],
      maxAge: 600,
    });
    const { defaultChild } = this.#bucket.node;
    if (!(defaultChild instanceof CfnBucket))
      throw new Error('Bucket no longer has a CfnBucket as its default child');
    // The CDK's own property would deploy a function to set this.
    defaultChild.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
  }

  /** Lets a role sign forms that upload files without a script. */
  acceptForms(role: string): void {
    this.#formSigners.push(role);
  }

  /** Lets another role read objects that are not clean, to check their first bytes. */
  admitChecker(role: string): void {
    this.#readers.push(role);
  }

  /**
   * Lets these roles check, scan, and release objects. The `aws:PrincipalArn` of a session is the ARN of its role (IAM
   * User Guide, "AWS global condition context keys").
   */
  admit(roles: QuarantineRoles): void {
    this.#readers.push(roles.checker, roles.scanner);
    this.#roles = roles;
  }

  /** Closes the quarantine to everyone but the admitted roles. No role can be admitted later. */
  close(): void {
    this.#writeOnce();
    const readers = exceptFor(...this.#readers);
    const verdict = `s3:ExistingObjectTag/${VERDICT_TAG}`;
    this.#deny('UploadsUnreadUntilClean', READ, {
      StringNotEquals: { [verdict]: 'NO_THREATS_FOUND' },
      Null: { [`s3:ExistingObjectTag/${RELEASE_TAG}`]: 'true' },
      ...readers,
    });
    this.#deny('UploadsLeaveNoOtherWay', READ_UNTAGGED);
    // A later scan may find a threat in a released upload.
    this.#deny('ThreatsAreNeverRead', READ, { StringEquals: { [verdict]: 'THREATS_FOUND' }, ...readers });
    const { scanner, reviewer } = this.#roles ?? {};
    const taggers = [scanner, reviewer].filter((role) => role !== undefined);
    this.#deny('OnlyTheScannerTags', [...TAG, 's3:ReplicateTags'], exceptFor(...taggers));
    this.#deny('NobodyRemovesTags', UNTAG);
    if (reviewer !== undefined) this.#limitReleases(reviewer, verdict);
  }

  /** A release replaces all tags, so it repeats the verdict. It can neither mark an object as clean nor release threats. */
  #limitReleases(reviewer: string, verdict: string): void {
    const reviewing = { ArnEquals: { 'aws:PrincipalArn': reviewer } };
    this.#deny('ReleasesTagNothingElse', TAG, {
      ...reviewing,
      'ForAnyValue:StringNotEquals': { 's3:RequestObjectTagKeys': [VERDICT_TAG, RELEASE_TAG] },
    });
    this.#deny('ReleasesSayNothingIsClean', TAG, {
      ...reviewing,
      StringEquals: { [`s3:RequestObjectTag/${VERDICT_TAG}`]: 'NO_THREATS_FOUND' },
    });
    this.#deny('ThreatsAreNotReleased', TAG, { ...reviewing, StringEquals: { [verdict]: 'THREATS_FOUND' } });
  }

  /**
   * Requires `If-None-Match`, so that a signed PUT works only once and CopyObject never works. The two calls that start
   * and feed a multipart upload cannot carry the header (Amazon S3 User Guide, "Enforce conditional writes on Amazon S3
   * buckets"). Uploads cannot set tags.
   *
   * A form cannot carry the header either (Amazon S3 API Reference, "POST Object"), so only the roles of
   * {@link acceptForms} can sign forms. Sending a form twice creates a second version, which is never published,
   * because finalize pins one version.
   */
  #writeOnce(): void {
    const unconditional = {
      Null: { 's3:if-none-match': 'true' },
      Bool: { 's3:ObjectCreationOperation': 'true' },
    };
    this.#deny('UploadsOnlyOnce', ['s3:PutObject'], {
      ...unconditional,
      StringNotEquals: { 's3:authType': 'POST' },
    });
    this.#deny('FormsOfFewOnly', ['s3:PutObject'], { ...unconditional, ...exceptFor(...this.#formSigners) });
    this.#deny('UploadsBringNoTags', ['s3:PutObject'], { Null: { 's3:RequestObjectTagKeys': 'false' } });
  }

  #deny(
    sid: string,
    actions: string[],
    conditions: Record<string, Record<string, string | string[]>> = {},
  ): void {
    this.#bucket.addToResourcePolicy(
      new PolicyStatement({
        sid,
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions,
        resources: [this.#bucket.arnForObjects(`${UPLOAD_PREFIX}*`)],
        conditions,
      }),
    );
  }
}
