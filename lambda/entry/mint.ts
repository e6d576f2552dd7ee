import { parseEnvironment } from '../environment/parse.ts';
import { mintEnvironment } from '../environment/public-form.ts';
import { createMintHandler } from '../handlers/mint.ts';
import { isDisposable } from '../http/disposable-address.ts';
import { publicRequests } from './public-requests.ts';
import { challenges, documentClient, tokenStore } from './systems.ts';

const environment = parseEnvironment(mintEnvironment, process.env);
const { PROOF_OF_WORK } = environment;
const client = documentClient();

export const handler = createMintHandler({
  ...publicRequests(client, environment),
  store: tokenStore(client, environment),
  isDisposable: (address) => isDisposable(address, environment.ALLOWED_DOMAINS),
  allowedOrigins: environment.ALLOWED_ORIGINS,
  proofs: PROOF_OF_WORK && { policy: PROOF_OF_WORK, challenges: challenges(environment) },
});
