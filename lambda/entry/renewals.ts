import { parseEnvironment } from '../environment/parse.ts';
import { renewalsEnvironment } from '../environment/renewals.ts';
import { createRenewalsHandler } from '../handlers/renewals.ts';
import { publicRequests } from './public-requests.ts';
import { documentClient, ledger, secondChances, signingKeys, tokenStore } from './systems.ts';

const environment = parseEnvironment(renewalsEnvironment, process.env);
const client = documentClient();

export const handler = createRenewalsHandler({
  ...publicRequests(client, environment),
  store: tokenStore(client, environment),
  secondChances: secondChances(client, environment),
  history: ledger(client, environment),
  keys: await signingKeys(environment),
});
