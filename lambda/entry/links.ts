import { parseEnvironment } from '../environment.ts';
import { createLinksHandler } from '../handlers/links.ts';
import {
  documentClient,
  fileStore,
  ledger,
  signingKeys,
  systemClock,
  telemetry,
  tokenStore,
} from './systems.ts';

const environment = parseEnvironment('links', process.env);
const client = documentClient();

export const handler = createLinksHandler({
  clock: systemClock,
  keys: await signingKeys(environment),
  store: tokenStore(client, environment),
  files: fileStore(environment),
  ledger: ledger(client, environment),
  telemetry: telemetry(),
  publicOrigin: environment.PUBLIC_ORIGIN,
  lifetimeSeconds: environment.LINK_LIFETIME_SECONDS,
  receiptRetentionDays: environment.RECEIPT_RETENTION_DAYS,
});
