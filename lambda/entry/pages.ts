import { pagesEnvironment } from '../environment/pages.ts';
import { parseEnvironment } from '../environment/parse.ts';
import { createPagesHandler } from '../handlers/pages.ts';
import { isAllowedFrom } from '../http/allowed-from.ts';
import { brand } from './brand.ts';
import { formLimits } from './quota-limits.ts';
import { documentClient, secondChances, signingKeys, systemClock, telemetry, tokenStore } from './systems.ts';

const environment = parseEnvironment(pagesEnvironment, process.env);

const client = documentClient();

export const handler = createPagesHandler({
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
  limits: formLimits(environment),
  lifetimeSeconds: environment.LINK_LIFETIME_SECONDS,
  downloadSeconds: environment.DOWNLOAD_SECONDS,
  proofPolicy: environment.PROOF_OF_WORK,
});
