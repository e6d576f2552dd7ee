import { collectionEnvironment } from '../environment/collections.ts';
import { parseEnvironment } from '../environment/parse.ts';
import { createCollectionHandler } from '../handlers/collection.ts';
import { isAllowedFrom } from '../http/allowed-from.ts';
import { brand } from './brand.ts';
import { documentClient, secondChances, signingKeys, systemClock, telemetry, tokenStore } from './systems.ts';

const environment = parseEnvironment(collectionEnvironment, process.env);

const client = documentClient();

export const handler = createCollectionHandler({
  clock: systemClock,
  keys: await signingKeys(environment),
  store: tokenStore(client, environment),
  secondChances: secondChances(client, environment),
  telemetry: telemetry(),
  isAllowedFrom,
  publicOrigin: environment.PUBLIC_ORIGIN,
  filesOrigin: environment.DOWNLOAD_ORIGIN ?? environment.FILES_ORIGIN,
  proxySecretSha256: environment.PROXY_SECRET_SHA256,
  brand,
  downloadSeconds: environment.DOWNLOAD_SECONDS,
});
