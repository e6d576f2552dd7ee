import { parseEnvironment } from '../environment/parse.ts';
import { mintEnvironment } from '../environment/public-form.ts';
import { createMintHandler } from '../handlers/mint.ts';
import { isDisposable } from '../http/disposable-address.ts';
import { publicRequests } from './public-requests.ts';
import { documentClient, tokenStore } from './systems.ts';

const environment = parseEnvironment(mintEnvironment, process.env);
const client = documentClient();

export const handler = createMintHandler({
  ...publicRequests(client, environment),
  store: tokenStore(client, environment),
  isDisposable: (address) => isDisposable(address, environment.ALLOWED_DOMAINS),
  allowedOrigins: environment.ALLOWED_ORIGINS,
});
