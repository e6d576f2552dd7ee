import type { Acknowledgment } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Parts } from '../capability.ts';
import {
  type FilePrefix,
  OFFERED_PREFIXES,
  PRIVATE_PREFIX,
  UPLOAD_PREFIX,
} from '../constructs/file-store.ts';
import { allow, through } from './statements.ts';

type Files = Pick<Parts, 'files' | 'keys'>;

/**
 * Prefixes of files that a link can open, even if the options turn uploads off: links to earlier uploads may still be
 * live. The bucket's policy admits only clean or released uploads.
 */
export const ISSUED_PREFIXES: readonly FilePrefix[] = [...OFFERED_PREFIXES, UPLOAD_PREFIX];

/** Allows reading the content and metadata of files under these prefixes. */
export function headFiles(
  { files: { bucket }, keys }: Files,
  prefixes: readonly FilePrefix[],
): readonly PolicyStatement[] {
  return [
    // Amazon S3 has no separate permission for HEAD. Without permission to list, a missing key gets 403. AWS does not
    // document whether S3 checks that permission with the key as the prefix or without a prefix, so a list without a
    // prefix is allowed.
    allow(['s3:GetObject'], filesUnder({ bucket }, prefixes)),
    allow(['s3:ListBucket'], [bucket.bucketArn], {
      StringLikeIfExists: { 's3:prefix': prefixes.map((prefix) => `${prefix}*`) },
    }),
    // A HEAD that requests the checksum needs the KMS key, too.
    through('s3', keys.data, ['kms:Decrypt']),
  ];
}

/**
 * Allows reading versions of files under these prefixes. Resumed reads name a version. So do presigned URLs, which carry
 * their signer's permissions.
 */
export function readVersions({ files }: Files, prefixes: readonly FilePrefix[]): PolicyStatement {
  return allow(['s3:GetObjectVersion'], filesUnder(files, prefixes));
}

/** Allows reading the tags of private files. One of the tags requests a watermark. */
export function readPrivateTags({ files }: Files): PolicyStatement {
  return allow(['s3:GetObjectVersionTagging'], filesUnder(files, [PRIVATE_PREFIX]));
}

function filesUnder({ bucket }: Pick<Parts['files'], 'bucket'>, prefixes: readonly FilePrefix[]) {
  return prefixes.map((prefix) => bucket.arnForObjects(`${prefix}*`));
}

/** Returns the reasons for wildcards in permissions on files. */
export function fileSuppressions(prefixes: readonly FilePrefix[]): readonly Acknowledgment[] {
  return prefixes.map((prefix) => ({
    id: `AwsSolutions-IAM5[Resource::<FileBucket.Arn>/${prefix}*]`,
    reason: 'Files are added after the stack is deployed. Only their prefix is known.',
  }));
}
