import { pagesEnvironment } from '../environment/pages.ts';
import { parseEnvironment } from '../environment/parse.ts';
import { createPagesHandler } from '../handlers/pages.ts';
import { formLimits } from './quota-limits.ts';
import { readLinks } from './read-links.ts';
import { documentClient } from './systems.ts';

const environment = parseEnvironment(pagesEnvironment, process.env);

export const handler = createPagesHandler({
  ...(await readLinks(documentClient(), environment)),
  limits: formLimits(environment),
  lifetimeSeconds: environment.LINK_LIFETIME_SECONDS,
  downloadSeconds: environment.DOWNLOAD_SECONDS,
  proofPolicy: environment.PROOF_OF_WORK,
});
