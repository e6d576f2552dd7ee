import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Values } from '../environment/groups.ts';
import type { redeeming } from '../environment/redemption.ts';
import { isAllowedFrom } from '../http/allowed-from.ts';
import { brand } from './brand.ts';
import {
  ledger,
  mailQueue,
  presenceKey,
  secondChances,
  signingKeys,
  systemClock,
  telemetry,
  tokenStore,
} from './systems.ts';

/** Returns the shared dependencies of all redemptions, apart from the files. */
export async function redemptions(client: DynamoDBDocumentClient, environment: Values<typeof redeeming>) {
  return {
    clock: systemClock,
    keys: await signingKeys(environment),
    presenceKey: presenceKey(environment),
    store: tokenStore(client, environment),
    ledger: ledger(client, environment),
    queue: mailQueue(environment),
    telemetry: telemetry(),
    secondChances: secondChances(client, environment),
    isAllowedFrom,
    publicOrigin: environment.PUBLIC_ORIGIN,
    filesOrigin: environment.DOWNLOAD_ORIGIN ?? environment.FILES_ORIGIN,
    proxySecretSha256: environment.PROXY_SECRET_SHA256,
    brand,
    receiptRetentionDays: environment.RECEIPT_RETENTION_DAYS,
  };
}
