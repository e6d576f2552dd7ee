import { bouncesEnvironment } from '../environment/bounces.ts';
import { parseEnvironment } from '../environment/parse.ts';
import { createBouncesHandler } from '../handlers/bounces.ts';
import { optionalLinkTables } from './link-systems.ts';
import { documentClient, ledger, pseudonyms, systemClock, telemetry, tokenStore } from './systems.ts';

const environment = parseEnvironment(bouncesEnvironment, process.env);
const client = documentClient();
const history = ledger(client, environment);
const linkTables = optionalLinkTables(client, environment);

export const handler = createBouncesHandler({
  clock: systemClock,
  store: tokenStore(client, environment),
  ledger: history,
  history,
  pseudonyms: pseudonyms(environment),
  telemetry: telemetry(),
  receiptRetentionDays: environment.RECEIPT_RETENTION_DAYS,
  uploadLinks: linkTables && { ...linkTables, clock: systemClock },
});
