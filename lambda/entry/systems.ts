import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { clientSettings, type streamSettings } from '../adapters/client-settings.ts';
import { DynamoLedger } from '../adapters/dynamo-ledger.ts';
import { DynamoQuota } from '../adapters/dynamo-quota.ts';
import { DynamoTokenStore } from '../adapters/dynamo-token-store.ts';
import { KmsPseudonyms } from '../adapters/kms-pseudonyms.ts';
import { KmsSigningKeys } from '../adapters/kms-signing-keys.ts';
import { PowertoolsTelemetry } from '../adapters/powertools-telemetry.ts';
import { S3FileStore, s3Settings } from '../adapters/s3-file-store.ts';
import { SqsMailQueue } from '../adapters/sqs-mail-queue.ts';
import { epochSeconds } from '../domain/ids.ts';
import type { Clock } from '../domain/ports.ts';

/*
 * Building blocks that entries share. A bundle contains only what its entry calls; nothing here runs on import.
 */

/** Reads the machine's clock. */
export const systemClock: Clock = () => new Date();

/** Opens one connection to DynamoDB; records are written without their undefined attributes. */
export function documentClient(): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(new DynamoDBClient(clientSettings), {
    marshallOptions: { removeUndefinedValues: true },
  });
}

/** Opens the token and receipt tables named in a function's environment. */
export function tokenStore(
  client: DynamoDBDocumentClient,
  { TOKEN_TABLE, RECEIPT_TABLE }: { readonly TOKEN_TABLE: string; readonly RECEIPT_TABLE: string },
): DynamoTokenStore {
  return new DynamoTokenStore(client, { tokenTable: TOKEN_TABLE, receiptTable: RECEIPT_TABLE });
}

/** Opens the ledger named in a function's environment. */
export function ledger(
  client: DynamoDBDocumentClient,
  environment: { readonly LEDGER_TABLE: string; readonly LEDGER_RETENTION_DAYS: number },
): DynamoLedger {
  return new DynamoLedger(client, {
    table: environment.LEDGER_TABLE,
    retentionDays: environment.LEDGER_RETENTION_DAYS,
  });
}

/** Opens the bucket named in a function's environment. */
export function fileStore(
  { FILE_BUCKET }: { readonly FILE_BUCKET: string },
  settings: typeof clientSettings | typeof streamSettings = clientSettings,
): S3FileStore {
  return new S3FileStore(new S3Client({ ...settings, ...s3Settings }), FILE_BUCKET);
}

/** Opens the queue between a request and its mail. */
export function mailQueue({ MAIL_QUEUE_URL }: { readonly MAIL_QUEUE_URL: string }): SqsMailQueue {
  return new SqsMailQueue(new SQSClient(clientSettings), MAIL_QUEUE_URL);
}

/** Opens the counters named in a function's environment; they also report how full they are. */
export function quota(
  client: DynamoDBDocumentClient,
  { QUOTA_TABLE }: { readonly QUOTA_TABLE: string },
  { measure }: Pick<PowertoolsTelemetry, 'measure'>,
): DynamoQuota {
  return new DynamoQuota(client, { table: QUOTA_TABLE, clock: systemClock, measure });
}

/** Hashes addresses with a key. */
export function pseudonyms({ PSEUDONYM_KEY_ID }: { readonly PSEUDONYM_KEY_ID: string }): KmsPseudonyms {
  return new KmsPseudonyms(new KMSClient(clientSettings), PSEUDONYM_KEY_ID);
}

/** Opens the signing keys; the current month's key is fetched while the function starts. */
export async function signingKeys(environment: { readonly SIGNING_KEY_ID: string }): Promise<KmsSigningKeys> {
  const keys = new KmsSigningKeys(new KMSClient(clientSettings), environment.SIGNING_KEY_ID);
  await keys.prepare(epochSeconds(systemClock()));
  return keys;
}

/** Writes logs and metrics; service name and namespace come from Powertools' own variables. */
export function telemetry(): PowertoolsTelemetry {
  return new PowertoolsTelemetry(new Logger(), new Metrics());
}
