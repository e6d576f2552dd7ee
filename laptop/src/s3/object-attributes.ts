import type { BucketSettings } from './bucket.ts';
import { failure, type S3Failure } from './failures.ts';
import type { Encryption, ObjectVersion } from './object-record.ts';
import { readTaggingHeader } from './object-tags.ts';

/** The attributes of an object that come from the headers of its upload. */
export interface ObjectAttributes
  extends Pick<ObjectVersion, 'headers' | 'storageClass' | 'encryption' | 'tags'> {
  readonly kind: 'attributes';
}

/** Headers that S3 stores and returns unchanged. A request can override them in its query. */
export const CONTENT_HEADERS = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

const STORAGE_CLASSES: ReadonlySet<string> = new Set([
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'GLACIER_IR',
  'DEEP_ARCHIVE',
]);

/** Headers of features that local mode does not support. */
const UNKNOWN =
  /^x-amz-(website-redirect-location$|trailer$|object-lock-|grant-|(copy-source-)?server-side-encryption-customer-)/;

/** Maximum total size of the names and values of user metadata, in bytes. */
const MAX_METADATA_BYTES = 2048;

/** Reads the user metadata, content headers, storage class, encryption, and tags of a new object. */
export function readObjectAttributes(
  headers: ReadonlyMap<string, string>,
  { defaultKmsKeyArn }: BucketSettings,
): ObjectAttributes | S3Failure {
  const unknown = unknownHeaderFailure(headers);
  if (unknown !== undefined) return unknown;
  const acl = headers.get('x-amz-acl') ?? 'private';
  if (acl !== 'private' && acl !== 'bucket-owner-full-control')
    return failure('AccessControlListNotSupported');

  const storageClass = headers.get('x-amz-storage-class') ?? 'STANDARD';
  if (!STORAGE_CLASSES.has(storageClass)) return failure('InvalidStorageClass');
  const encryption = readEncryption(headers, defaultKmsKeyArn);
  if ('kind' in encryption) return encryption;
  const tagging = readTaggingHeader(headers);
  if (tagging.kind === 'failure') return tagging;
  const { tags } = tagging;
  const kept = keptHeaders(headers);
  return kept === undefined
    ? failure('MetadataTooLarge')
    : { kind: 'attributes', headers: kept, storageClass, encryption, tags };
}

/** Rejects unsupported headers. */
export function unknownHeaderFailure(headers: ReadonlyMap<string, string>): S3Failure | undefined {
  const unknown = [...headers.keys()].find((name) => UNKNOWN.test(name));
  return unknown === undefined ? undefined : failure('NotImplemented', { details: { Header: unknown } });
}

/** Returns the headers to store, or undefined if there is more user metadata than S3 allows. */
function keptHeaders(headers: ReadonlyMap<string, string>): Record<string, string> | undefined {
  const kept: Record<string, string> = { 'content-type': 'binary/octet-stream' };
  let metadataBytes = 0;
  for (const [name, value] of headers) {
    if (name.startsWith('x-amz-meta-')) {
      metadataBytes += name.length - 'x-amz-meta-'.length + Buffer.byteLength(value);
      kept[name] = value;
    } else if (CONTENT_HEADERS.includes(name)) {
      kept[name] = value;
    }
  }
  return metadataBytes > MAX_METADATA_BYTES ? undefined : kept;
}

function readEncryption(
  headers: ReadonlyMap<string, string>,
  defaultKmsKeyArn: string | undefined,
): Encryption | S3Failure {
  const requested = headers.get('x-amz-server-side-encryption');
  const askedKey = headers.get('x-amz-server-side-encryption-aws-kms-key-id');
  if (requested === 'aws:kms' || (requested === undefined && defaultKmsKeyArn !== undefined)) {
    return { algorithm: 'aws:kms', keyArn: askedKey ?? defaultKmsKeyArn ?? 'alias/aws/s3' };
  }
  if (requested === undefined || requested === 'AES256') return { algorithm: 'AES256' };
  return failure('InvalidArgument', { message: 'The encryption method specified is not supported' });
}

export const encryptionHeaders = (encryption: Encryption): Record<string, string> =>
  encryption.algorithm === 'AES256'
    ? { 'x-amz-server-side-encryption': 'AES256' }
    : {
        'x-amz-server-side-encryption': 'aws:kms',
        'x-amz-server-side-encryption-aws-kms-key-id': encryption.keyArn,
      };
