import { parseEnvironment } from '../environment.ts';
import { createAftercareHandler } from '../handlers/aftercare.ts';
import { publicRequests } from './public-requests.ts';
import { documentClient, ledger, signingKeys, tokenStore } from './systems.ts';

const environment = parseEnvironment('aftercare', process.env);
const client = documentClient();

export const handler = createAftercareHandler({
  ...publicRequests(client, environment),
  store: tokenStore(client, environment),
  history: ledger(client, environment),
  keys: await signingKeys(environment),
});
