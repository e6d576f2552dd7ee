import { streamSettings } from '../adapters/client-settings.ts';
import { clientZipper } from '../adapters/client-zipper.ts';
import { parseEnvironment } from '../environment/parse.ts';
import { streamEnvironment } from '../environment/redemption.ts';
import { createZipHandler } from '../handlers/stream.ts';
import { redemptions } from './redemptions.ts';
import { documentClient, fileStore, quota } from './systems.ts';

const environment = parseEnvironment(streamEnvironment, process.env);

const client = documentClient();
const common = await redemptions(client, environment);

const handle = createZipHandler({
  ...common,
  files: fileStore(environment, streamSettings),
  quota: quota(client, environment, common.telemetry),
  zipper: clientZipper,
  streamConcurrency: environment.STREAM_CONCURRENCY,
});

/** @see https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html */
export const handler = awslambda.streamifyResponse((event: unknown, stream, context) =>
  handle(
    event,
    (head) => awslambda.HttpResponseStream.from(stream, head),
    () => context.getRemainingTimeInMillis(),
  ),
);
