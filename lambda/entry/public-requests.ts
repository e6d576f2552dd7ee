import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { requesting, Values } from '../environment/groups.ts';
import { isAllowedRecipient } from '../http/allowed-recipient.ts';
import { siteOf } from './brand.ts';
import { formLimits } from './quota-limits.ts';
import {
  fileStore,
  ledger,
  mailQueue,
  presenceKey,
  pseudonyms,
  quota,
  systemClock,
  telemetry,
} from './systems.ts';

/** Returns the shared dependencies of the public requests that send mail. */
export function publicRequests(client: DynamoDBDocumentClient, environment: Values<typeof requesting>) {
  const measured = telemetry();
  return {
    clock: systemClock,
    waitUntil: async (moment: number) => {
      await sleep(Math.max(0, moment - Date.now()));
    },
    quota: quota(client, environment, measured),
    pseudonyms: pseudonyms(environment),
    presenceKey: presenceKey(environment),
    files: fileStore(environment),
    ledger: ledger(client, environment),
    queue: mailQueue(environment),
    telemetry: measured,
    limits: formLimits(environment),
    lifetimeSeconds: environment.LINK_LIFETIME_SECONDS,
    delivery: environment.DELIVERY ?? 'redirect',
    isAllowedRecipient: (address: Parameters<typeof isAllowedRecipient>[0]) =>
      isAllowedRecipient(address, environment.ALLOWED_RECIPIENTS),
    ...siteOf(environment),
  };
}
