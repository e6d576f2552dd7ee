import { parseEnvironment } from '../environment.ts';
import { createRedeemHandler } from '../handlers/redeem.ts';
import { isAllowedFrom } from '../http/network.ts';
import { brand } from './brand.ts';
import {
  documentClient,
  fileStore,
  ledger,
  mailQueue,
  signingKeys,
  systemClock,
  telemetry,
  tokenStore,
} from './systems.ts';

const environment = parseEnvironment('redeem', process.env);
const client = documentClient();

export const handler = createRedeemHandler({
  clock: systemClock,
  keys: await signingKeys(environment),
  store: tokenStore(client, environment),
  files: fileStore(environment),
  ledger: ledger(client, environment),
  queue: mailQueue(environment),
  telemetry: telemetry(),
  isAllowedFrom,
  publicOrigin: environment.PUBLIC_ORIGIN,
  filesOrigin: environment.FILES_ORIGIN,
  brand,
  downloadSeconds: environment.DOWNLOAD_SECONDS,
  receiptRetentionDays: environment.RECEIPT_RETENTION_DAYS,
});
