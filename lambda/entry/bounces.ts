import { KMSClient } from '@aws-sdk/client-kms';
import { clientSettings } from '../adapters/client-settings.ts';
import { KmsPseudonyms } from '../adapters/kms-pseudonyms.ts';
import { parseEnvironment } from '../environment.ts';
import { createBouncesHandler } from '../handlers/bounces.ts';
import { documentClient, ledger, systemClock, telemetry, tokenStore } from './systems.ts';

const environment = parseEnvironment('bounces', process.env);
const client = documentClient();
const history = ledger(client, environment);

export const handler = createBouncesHandler({
  clock: systemClock,
  store: tokenStore(client, environment),
  ledger: history,
  history,
  pseudonyms: new KmsPseudonyms(new KMSClient(clientSettings), environment.PSEUDONYM_KEY_ID),
  telemetry: telemetry(),
  receiptRetentionDays: environment.RECEIPT_RETENTION_DAYS,
});
