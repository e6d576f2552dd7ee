import { S3Client } from '@aws-sdk/client-s3';
import { clientSettings } from '../adapters/client-settings.ts';
import { S3FileStore, s3Settings } from '../adapters/s3-file-store.ts';
import type { downloads, presigning, Values } from '../environment/groups.ts';
import { bucketClient } from './upload-systems.ts';

/**
 * Returns the client that signs requests for the endpoint through which recipients reach the bucket. This is the given
 * client unless a separate endpoint is configured.
 */
export function signerFor(
  { S3_ENDPOINT: endpoint }: Values<typeof presigning>,
  client = bucketClient(),
): S3Client {
  return endpoint === undefined ? client : new S3Client({ ...clientSettings, ...s3Settings, endpoint });
}

/** Opens the bucket. Download URLs use the endpoint or proxy through which recipients reach it. */
export function handedOutFiles(
  environment: Values<typeof presigning> & Values<typeof downloads> & { readonly FILE_BUCKET: string },
): S3FileStore {
  const client = bucketClient();
  const handingOut = { signer: signerFor(environment, client), origin: environment.DOWNLOAD_ORIGIN };
  return new S3FileStore(client, environment.FILE_BUCKET, handingOut);
}
