import { clientSettings } from '../adapters/client-settings.ts';
import { clientZipper } from '../adapters/client-zipper.ts';
import { DynamoIssuePlans } from '../adapters/dynamo-issue-plans.ts';
import { DynamoUploads } from '../adapters/dynamo-uploads.ts';
import { linksEnvironment } from '../environment/links.ts';
import { parseEnvironment } from '../environment/parse.ts';
import { createLinksHandler } from '../handlers/links.ts';
import { isAllowedRecipient } from '../http/allowed-recipient.ts';
import { deliveriesOf } from '../http/link-request.ts';
import { programLimits } from './quota-limits.ts';
import { trialStamper } from './stampers.ts';
import {
  documentClient,
  fileStore,
  ledger,
  mailQueue,
  presenceKey,
  pseudonyms,
  quota,
  signingKeys,
  systemClock,
  telemetry,
  tokenStore,
} from './systems.ts';

const environment = parseEnvironment(linksEnvironment, process.env);
const client = documentClient();
const history = ledger(client, environment);
const measured = telemetry();

export const handler = createLinksHandler({
  clock: systemClock,
  keys: await signingKeys(environment),
  store: tokenStore(client, environment),
  files: fileStore(
    environment,
    clientSettings,
    environment.WATERMARKS && { Key: 'watermark', Value: 'true' },
  ),
  ledger: history,
  history,
  queue: mailQueue(environment),
  plans: new DynamoIssuePlans(client, { table: environment.ISSUE_TABLE, clock: systemClock }),
  quota: quota(client, environment, measured),
  limits: programLimits(environment),
  pseudonyms: pseudonyms(environment),
  presenceKey: presenceKey(environment),
  isAllowedRecipient: (address) => isAllowedRecipient(address, environment.ALLOWED_RECIPIENTS),
  zipper: clientZipper,
  stamper: environment.WATERMARKS && trialStamper,
  secondChance: environment.SECOND_CHANCE,
  uploads:
    environment.UPLOAD_TABLE === undefined
      ? undefined
      : new DynamoUploads(client, {
          table: environment.UPLOAD_TABLE,
          retentionDays: environment.LEDGER_RETENTION_DAYS,
        }),
  telemetry: measured,
  publicOrigin: environment.PUBLIC_ORIGIN,
  lifetimeSeconds: environment.LINK_LIFETIME_SECONDS,
  deliveries: deliveriesOf(environment.DELIVERY),
  collections: environment.COLLECTIONS,
  receiptRetentionDays: environment.RECEIPT_RETENTION_DAYS,
});
