import { type Authorize, type Conditions, denialMessage } from '../access.ts';
import { failure, type S3Failure } from './failures.ts';
import { type OperationName, operationOf } from './operation.ts';
import { parameter, type S3Request } from './request.ts';

/** Checks whether the caller has a permission. Resolves to S3's failure if IAM denies it. */
export type PermissionCheck = (
  action: string,
  resource: string,
  conditions?: Conditions,
) => Promise<S3Failure | undefined>;

export const bucketArn = (bucketName: string): string => `arn:aws:s3:::${bucketName}`;

export const objectArn = (bucketName: string, key: string): string => `arn:aws:s3:::${bucketName}/${key}`;

/** Headers that become condition keys, prefixed with `s3:` (Service Authorization Reference, "Amazon S3"). */
const HEADER_KEYS = [
  'if-match',
  'if-none-match',
  'x-amz-acl',
  'x-amz-content-sha256',
  'x-amz-copy-source',
  'x-amz-metadata-directive',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-storage-class',
];

const PARAMETER_KEYS: Readonly<Record<string, string>> = {
  delimiter: 's3:delimiter',
  'max-keys': 's3:max-keys',
  prefix: 's3:prefix',
  versionId: 's3:VersionId',
};

/**
 * Values of `s3:ObjectCreationOperation`. Operations with the value `false` cannot be conditional, so a policy that
 * requires `If-None-Match` uses this key to exempt them.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
 */
const CREATES_OBJECT: Readonly<Partial<Record<OperationName, string>>> = {
  PutObject: 'true',
  CopyObject: 'true',
  CompleteMultipartUpload: 'true',
  CreateMultipartUpload: 'false',
  UploadPart: 'false',
  UploadPartCopy: 'false',
};

/**
 * Creates a function that checks the caller's permissions for a request, with the condition keys that S3 provides.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */
export function createPermissionCheck(request: S3Request, authorize: Authorize): PermissionCheck {
  const { accessKeyId, ageMs, authType, payloadHash } = request.signature;
  const general: Record<string, string> = {
    'aws:SecureTransport': 'true',
    's3:TlsVersion': '1.3',
    's3:authType': authType,
    's3:signatureAge': String(ageMs),
    's3:signatureversion': 'AWS4-HMAC-SHA256',
    's3:x-amz-content-sha256': payloadHash,
  };
  const address = request.message.socket.remoteAddress;
  if (address !== undefined) general['aws:SourceIp'] = address;
  for (const name of HEADER_KEYS) {
    const value = request.headers.get(name);
    if (value !== undefined) general[`s3:${name}`] = value;
  }
  for (const [name, key] of Object.entries(PARAMETER_KEYS)) {
    const value = parameter(request, name);
    if (value !== undefined) general[key] = value;
  }
  const operation = operationOf(request);
  const creates = operation && CREATES_OBJECT[operation];
  if (creates !== undefined) general['s3:ObjectCreationOperation'] = creates;
  return async (action, resource, conditions = {}) => {
    const decision = await authorize({
      accessKeyId,
      action,
      resource,
      signatureAgeMs: ageMs,
      conditions: { ...general, ...conditions },
    });
    if (decision.allowed) return undefined;
    // S3 puts the resource in quotes.
    return failure('AccessDenied', {
      message: denialMessage({ ...decision, resource: `"${decision.resource}"` }),
    });
  };
}
