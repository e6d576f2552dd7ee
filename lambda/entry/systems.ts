import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client, type Tag } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { AltchaChallenges } from '../adapters/altcha-challenges.ts';
import { clientSettings, type streamSettings } from '../adapters/client-settings.ts';
import { DynamoLedger } from '../adapters/dynamo-ledger.ts';
import { DynamoQuota } from '../adapters/dynamo-quota.ts';
import { DynamoSecondChances } from '../adapters/dynamo-second-chances.ts';
import { DynamoTokenStore } from '../adapters/dynamo-token-store.ts';
import { JsonService } from '../adapters/json-service.ts';
import { derivedOnce, macsOf } from '../adapters/kms-derived-keys.ts';
import { KmsPseudonyms } from '../adapters/kms-pseudonyms.ts';
import { KmsSigningKeys } from '../adapters/kms-signing-keys.ts';
import { LogTelemetry } from '../adapters/log-telemetry.ts';
import { S3FileStore, s3Settings } from '../adapters/s3-file-store.ts';
import { SqsMailQueue } from '../adapters/sqs-mail-queue.ts';
import { epochSeconds } from '../domain/ids.ts';
import type { Clock } from '../domain/ports.ts';
import type { PresenceKey } from '../domain/presence-code.ts';
import type * as variables from '../environment/groups.ts';
import { telemetryEnvironment, type Values } from '../environment/groups.ts';
import { parseEnvironment } from '../environment/parse.ts';
import { caller } from './role-credentials.ts';

/*
 * Building blocks that the entries share. A bundle contains only the blocks that its entry uses, because importing this
 * file has no side effects.
 */

export const systemClock: Clock = () => new Date();

/** Creates the DynamoDB client. Undefined attributes are not written. */
export function documentClient(): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(new DynamoDBClient(clientSettings), {
    marshallOptions: { removeUndefinedValues: true },
  });
}

export function tokenStore(
  client: DynamoDBDocumentClient,
  { TOKEN_TABLE, RECEIPT_TABLE }: { readonly TOKEN_TABLE: string; readonly RECEIPT_TABLE: string },
): DynamoTokenStore {
  return new DynamoTokenStore(client, { tokenTable: TOKEN_TABLE, receiptTable: RECEIPT_TABLE });
}

export function ledger(
  client: DynamoDBDocumentClient,
  environment: { readonly LEDGER_TABLE: string; readonly LEDGER_RETENTION_DAYS: number },
): DynamoLedger {
  return new DynamoLedger(client, {
    table: environment.LEDGER_TABLE,
    retentionDays: environment.LEDGER_RETENTION_DAYS,
  });
}

export function fileStore(
  { FILE_BUCKET }: { readonly FILE_BUCKET: string },
  settings: typeof clientSettings | typeof streamSettings = clientSettings,
  watermarkTag?: Tag,
): S3FileStore {
  return new S3FileStore(new S3Client({ ...settings, ...s3Settings }), FILE_BUCKET, { watermarkTag });
}

export function mailQueue({ MAIL_QUEUE_URL }: { readonly MAIL_QUEUE_URL: string }): SqsMailQueue {
  const { origin } = new URL(MAIL_QUEUE_URL);
  const sqs = new JsonService({
    service: 'sqs',
    url: origin,
    target: 'AmazonSQS',
    version: '1.0',
    ...caller(),
  });
  return new SqsMailQueue(sqs, MAIL_QUEUE_URL);
}

/** Opens the quota counters, and records as metrics how full they are. */
export function quota(
  client: DynamoDBDocumentClient,
  { QUOTA_TABLE }: { readonly QUOTA_TABLE: string },
  { measure }: Pick<LogTelemetry, 'measure'>,
): DynamoQuota {
  return new DynamoQuota(client, { table: QUOTA_TABLE, clock: systemClock, measure });
}

/** Opens the table of second chances; returns `undefined` if second chances are turned off. */
export function secondChances(
  client: DynamoDBDocumentClient,
  { SECOND_CHANCE_TABLE: table }: Values<typeof variables.secondChances>,
): DynamoSecondChances | undefined {
  return table === undefined ? undefined : new DynamoSecondChances(client, table);
}

type PseudonymVariables = Values<typeof variables.pseudonyms>;

export function pseudonyms({ KMS_URL, PSEUDONYM_KEY_ID }: PseudonymVariables): KmsPseudonyms {
  return new KmsPseudonyms(macs(KMS_URL), PSEUDONYM_KEY_ID);
}

/** Creates the adapter for proofs of work. Its key is derived from the pseudonym key. */
export function challenges({ KMS_URL, PSEUDONYM_KEY_ID }: PseudonymVariables): AltchaChallenges {
  return new AltchaChallenges(macs(KMS_URL), PSEUDONYM_KEY_ID);
}

/** Returns a function that derives the key for presence codes; `undefined` if they are turned off. */
export function presenceKey({
  KMS_URL,
  PRESENCE_KEY_ID,
}: Values<typeof variables.kms & typeof variables.presenceCodes>): PresenceKey | undefined {
  if (PRESENCE_KEY_ID === undefined) return undefined;
  return derivedOnce(macs(KMS_URL), PRESENCE_KEY_ID, 'tvm/presence-code-key/v1');
}

/** Opens the signing keys, and fetches the current month's key during the cold start. */
export async function signingKeys({
  KMS_URL,
  SIGNING_KEY_ID,
}: Values<typeof variables.signing>): Promise<KmsSigningKeys> {
  const keys = new KmsSigningKeys(macs(KMS_URL), SIGNING_KEY_ID);
  await keys.prepare(epochSeconds(systemClock()));
  return keys;
}

const macs = (url: string) =>
  macsOf(new JsonService({ service: 'kms', url, target: 'TrentService', version: '1.1', ...caller() }));

/** Creates the adapter that writes the function's logs and metrics. */
export function telemetry(): LogTelemetry {
  const { SERVICE_NAME, METRICS_NAMESPACE } = parseEnvironment(telemetryEnvironment, process.env);
  return new LogTelemetry({
    service: SERVICE_NAME,
    namespace: METRICS_NAMESPACE,
    // Lambda updates this variable for each event.
    traceId: () => /Root=([^;]+)/.exec(process.env._X_AMZN_TRACE_ID ?? '')?.[1],
    clock: systemClock,
    // Lines are not written with `console`, because Lambda would prefix them with the time and the request ID.
    write: (line) => process.stdout.write(line),
  });
}
