import type { S3Client } from '@aws-sdk/client-s3';

/** Tells how recipients reach the bucket, if not by its own name. */
export interface HandingOut {
  /** Signs for the endpoint through which recipients reach S3. @default the client that reads */
  readonly signer?: S3Client;
  /** The origin of a proxy that sends requests on with the signed host. @default the signed host */
  readonly origin?: string | undefined;
}

/**
 * Puts another origin into a presigned URL. Path and query stay as they were signed, octet by octet. The signature covers
 * the host, so the proxy behind the origin has to send the signed one.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export function atOrigin(origin: string | undefined, url: string): string {
  return origin === undefined ? url : url.replace(/^https?:\/\/[^/?]+/, origin);
}
