import { streamSettings } from '../adapters/client-settings.ts';
import { parseEnvironment } from '../environment.ts';
import { createStreamHandler } from '../handlers/stream.ts';
import { isAllowedFrom } from '../http/network.ts';
import { brand } from './brand.ts';
import {
  documentClient,
  fileStore,
  ledger,
  mailQueue,
  signingKeys,
  systemClock,
  telemetry,
  tokenStore,
} from './systems.ts';

const environment = parseEnvironment('stream', process.env);
const client = documentClient();

const handle = createStreamHandler({
  clock: systemClock,
  keys: await signingKeys(environment),
  store: tokenStore(client, environment),
  files: fileStore(environment, streamSettings),
  ledger: ledger(client, environment),
  queue: mailQueue(environment),
  telemetry: telemetry(),
  isAllowedFrom,
  publicOrigin: environment.PUBLIC_ORIGIN,
  filesOrigin: environment.FILES_ORIGIN,
  brand,
  receiptRetentionDays: environment.RECEIPT_RETENTION_DAYS,
});

/** @see https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html */
export const handler = awslambda.streamifyResponse((event: unknown, stream, context) =>
  handle(
    event,
    (head) => awslambda.HttpResponseStream.from(stream, head),
    () => context.getRemainingTimeInMillis(),
  ),
);
