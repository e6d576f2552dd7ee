import { streamSettings } from '../adapters/client-settings.ts';
import { parseEnvironment } from '../environment/parse.ts';
import { streamEnvironment } from '../environment/redemption.ts';
import type { createStreamingHandler } from '../http/streaming-handler.ts';
import { redemptions } from './redemptions.ts';
import { documentClient, fileStore, quota } from './systems.ts';

/** Returns the shared dependencies of the functions that respond to a redemption with bytes instead of a URL. */
export async function streams() {
  const environment = parseEnvironment(streamEnvironment, process.env);
  const client = documentClient();
  const common = await redemptions(client, environment);
  return {
    ...common,
    files: fileStore(environment, streamSettings),
    quota: quota(client, environment, common.telemetry),
    streamConcurrency: environment.STREAM_CONCURRENCY,
  };
}

/**
 * Lets a handler stream its responses.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html
 */
export function streamed(handle: ReturnType<typeof createStreamingHandler>) {
  return awslambda.streamifyResponse((event: unknown, stream, context) =>
    handle(
      event,
      (head) => awslambda.HttpResponseStream.from(stream, head),
      () => context.getRemainingTimeInMillis(),
    ),
  );
}
