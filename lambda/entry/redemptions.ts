import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Values } from '../environment/groups.ts';
import type { redeeming } from '../environment/redemption.ts';
import { readLinks } from './read-links.ts';
import { ledger, mailQueue, presenceKey } from './systems.ts';

/** Returns the shared dependencies of all redemptions, except the file store. */
export async function redemptions(client: DynamoDBDocumentClient, environment: Values<typeof redeeming>) {
  return {
    ...(await readLinks(client, environment)),
    presenceKey: presenceKey(environment),
    ledger: ledger(client, environment),
    queue: mailQueue(environment),
    receiptRetentionDays: environment.RECEIPT_RETENTION_DAYS,
    deliveriesOff: environment.DELIVERIES_OFF,
  };
}
