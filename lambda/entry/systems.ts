import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { clientSettings } from '../adapters/client-settings.ts';
import { DynamoLedger } from '../adapters/dynamo-ledger.ts';
import { DynamoTokenStore } from '../adapters/dynamo-token-store.ts';
import { KmsSigningKeys } from '../adapters/kms-signing-keys.ts';
import { PowertoolsTelemetry } from '../adapters/powertools-telemetry.ts';
import { S3FileStore, s3Settings } from '../adapters/s3-file-store.ts';
import { epochSeconds } from '../domain/ids.ts';
import type { Clock } from '../domain/ports.ts';

/*
 * What entries build alike. A bundle takes in only what its entry calls: nothing here runs on import.
 */

/** The machine's clock. */
export const systemClock: Clock = () => new Date();

/** One connection to DynamoDB; records are written without their undefined attributes. */
export function documentClient(): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(new DynamoDBClient(clientSettings), {
    marshallOptions: { removeUndefinedValues: true },
  });
}

/** The token and receipt tables of a function's environment. */
export function tokenStore(
  client: DynamoDBDocumentClient,
  { TOKEN_TABLE, RECEIPT_TABLE }: { readonly TOKEN_TABLE: string; readonly RECEIPT_TABLE: string },
): DynamoTokenStore {
  return new DynamoTokenStore(client, { tokenTable: TOKEN_TABLE, receiptTable: RECEIPT_TABLE });
}

/** The ledger of a function's environment. */
export function ledger(
  client: DynamoDBDocumentClient,
  environment: { readonly LEDGER_TABLE: string; readonly LEDGER_RETENTION_DAYS: number },
): DynamoLedger {
  return new DynamoLedger(client, {
    table: environment.LEDGER_TABLE,
    retentionDays: environment.LEDGER_RETENTION_DAYS,
  });
}

/** The bucket of a function's environment. */
export function fileStore({ FILE_BUCKET }: { readonly FILE_BUCKET: string }): S3FileStore {
  return new S3FileStore(new S3Client({ ...clientSettings, ...s3Settings }), FILE_BUCKET);
}

/** The signing keys, with the current month's fetched while the function starts. */
export async function signingKeys(environment: { readonly SIGNING_KEY_ID: string }): Promise<KmsSigningKeys> {
  const keys = new KmsSigningKeys(new KMSClient(clientSettings), environment.SIGNING_KEY_ID);
  await keys.prepare(epochSeconds(systemClock()));
  return keys;
}

/** Logs and metrics; service name and namespace come from Powertools' own variables. */
export function telemetry(): PowertoolsTelemetry {
  return new PowertoolsTelemetry(new Logger(), new Metrics());
}
