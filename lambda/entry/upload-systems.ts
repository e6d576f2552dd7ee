import { S3Client } from '@aws-sdk/client-s3';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { clientSettings } from '../adapters/client-settings.ts';
import { DynamoUploadHistory } from '../adapters/dynamo-upload-history.ts';
import { DynamoUploads } from '../adapters/dynamo-uploads.ts';
import { GuardDutyScanner } from '../adapters/guardduty-scanner.ts';
import { s3Settings } from '../adapters/s3-file-store.ts';
import { SignedRequests } from '../adapters/signed-requests.ts';
import type { uploadLinks, Values } from '../environment/groups.ts';
import { caller } from './role-credentials.ts';

type StoredUploads = Omit<Values<typeof uploadLinks>, 'UPLOAD_LINK_TABLE'>;

/** Opens the tables of uploads and of their history. */
export function uploadTables(
  client: DynamoDBDocumentClient,
  { UPLOAD_TABLE, UPLOAD_HISTORY_TABLE, LEDGER_RETENTION_DAYS: retentionDays }: StoredUploads,
): { readonly uploads: DynamoUploads; readonly history: DynamoUploadHistory } {
  return {
    uploads: new DynamoUploads(client, { table: UPLOAD_TABLE, retentionDays }),
    history: new DynamoUploadHistory(client, { table: UPLOAD_HISTORY_TABLE, retentionDays }),
  };
}

/** Creates the S3 client, which can also sign requests. */
export function bucketClient(): S3Client {
  return new S3Client({ ...clientSettings, ...s3Settings });
}

/** Creates the adapter that requests scans of the bucket's objects. */
export function scanner({
  GUARDDUTY_URL: url,
  FILE_BUCKET,
}: {
  readonly GUARDDUTY_URL: string;
  readonly FILE_BUCKET: string;
}): GuardDutyScanner {
  return new GuardDutyScanner(new SignedRequests({ service: 'guardduty', url, ...caller() }), FILE_BUCKET);
}
