import { parseEnvironment } from '../environment/parse.ts';
import { invitesEnvironment } from '../environment/upload-links.ts';
import { createInvitesHandler } from '../handlers/invites.ts';
import { isAllowedRecipient } from '../http/allowed-recipient.ts';
import { bearers } from './bearers.ts';
import { linkTables } from './link-systems.ts';
import { programLimits } from './quota-limits.ts';
import {
  documentClient,
  mailQueue,
  pseudonyms,
  quota,
  signingKeys,
  systemClock,
  telemetry,
} from './systems.ts';

const environment = parseEnvironment(invitesEnvironment, process.env);
const client = documentClient();
const measured = telemetry();

export const handler = createInvitesHandler({
  ...linkTables(client, environment),
  clock: systemClock,
  keys: await signingKeys(environment),
  queue: mailQueue(environment),
  quota: quota(client, environment, measured),
  limits: programLimits(environment),
  uploadLimits: { mostBytes: environment.UPLOAD_MAX_BYTES, types: new Set(environment.UPLOAD_TYPES) },
  pseudonyms: pseudonyms(environment),
  isAllowedRecipient: (address) => isAllowedRecipient(address, environment.ALLOWED_RECIPIENTS),
  telemetry: measured,
  publicOrigin: environment.PUBLIC_ORIGIN,
  verify: bearers(environment),
});
