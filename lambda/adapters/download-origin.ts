import type { S3Client } from '@aws-sdk/client-s3';

/** Endpoints through which recipients reach the bucket. */
export interface HandingOut {
  /** Client that signs for the endpoint through which recipients reach S3. @default the client that reads files */
  readonly signer?: S3Client;
  /** Origin of a proxy that forwards requests with `Host` set to the signed host. @default the signed origin */
  readonly origin?: string | undefined;
}

/**
 * Replaces the origin of a presigned URL. The path and the query stay exactly as they were signed. The signature covers
 * the host, so the proxy behind the new origin has to set `Host` to the signed host.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export function atOrigin(origin: string | undefined, url: string): string {
  return origin === undefined ? url : url.replace(/^https?:\/\/[^/?]+/, origin);
}
