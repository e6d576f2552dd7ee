import { parseEnvironment } from '../environment/parse.ts';
import { redeemEnvironment } from '../environment/redemption.ts';
import { createRedeemHandler } from '../handlers/redeem.ts';
import { handedOutFiles } from './presigning.ts';
import { redemptions } from './redemptions.ts';
import { documentClient } from './systems.ts';

const environment = parseEnvironment(redeemEnvironment, process.env);

export const handler = createRedeemHandler({
  ...(await redemptions(documentClient(), environment)),
  files: handedOutFiles(environment),
  downloadSeconds: environment.DOWNLOAD_SECONDS,
});
