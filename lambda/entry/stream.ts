import { streamSettings } from '../adapters/client-settings.ts';
import { parseEnvironment } from '../environment.ts';
import { createStreamHandler } from '../handlers/stream.ts';
import { redemptions } from './redemptions.ts';
import { documentClient, fileStore } from './systems.ts';

const environment = parseEnvironment('stream', process.env);

const handle = createStreamHandler({
  ...(await redemptions(documentClient(), environment)),
  files: fileStore(environment, streamSettings),
});

/** @see https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html */
export const handler = awslambda.streamifyResponse((event: unknown, stream, context) =>
  handle(
    event,
    (head) => awslambda.HttpResponseStream.from(stream, head),
    () => context.getRemainingTimeInMillis(),
  ),
);
