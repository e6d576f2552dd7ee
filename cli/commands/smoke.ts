import { randomBytes, randomUUID } from 'node:crypto';
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { S3Client } from '@aws-sdk/client-s3';
import { writeMarked } from '../report/mark-line.ts';
import { awsWorld } from '../smoke/aws-world.ts';
import { smokeTest } from '../smoke/smoke-test.ts';
import { createStepRunner, SmokeFailure, type StepReport } from '../smoke/steps.ts';
import type { DefineCommand } from '../tvm/command-list.ts';
import type { Ending } from '../tvm/exit-codes.ts';
import { failureOf } from '../tvm/failure-of.ts';
import { addExamples } from '../tvm/help.ts';
import type { Session } from '../tvm/session.ts';

/** `tvm smoke` tests a deployment. */
export const smoke: DefineCommand = (command, run) => {
  const defined = command
    .description(
      'Tests the deployed functions, bypassing the network and signatures: puts a small file under private/, issues a link, redeems it, checks that it cannot be redeemed again, and revokes another link. Prints one line for each step, with its duration in milliseconds. Cleans up, even if a step fails or you press Ctrl-C. Exits with 1 if a step fails.',
    )
    .action(() => run(smokeDeployment));
  addExamples(defined, [
    ['npx tvm smoke', 'After a deployment'],
    ['npx tvm smoke --json | jq ".steps[] | select(.ok | not)"', 'Only the failed steps, for a script'],
  ]);
};

const FILE_BYTES = 64;
/** The widths of the longest step name, and of a five-digit time with its unit. */
const WIDTHS = [17, 8] as const;

async function smokeDeployment({ io, output, signal, connect }: Session): Promise<Ending> {
  const { deployment, settings } = await connect();
  const s3 = new S3Client(settings('s3'));
  const apiGateway = new APIGatewayClient(settings('apigateway'));
  const show = ({ step, ok, ms, found }: StepReport): void => {
    const time = output.format === 'people' ? `${ms} ms`.padStart(WIDTHS[1]) : String(ms);
    writeMarked(io, { mark: ok ? 'ok' : 'problem', heads: [step, time], found }, WIDTHS);
  };
  const isWatched = output.format === 'people';
  const steps = createStepRunner(() => performance.now(), isWatched ? show : () => undefined, explain);
  // The name should not be guessable, although knowing it opens nothing.
  const file = {
    asset: `private/smoke/${randomUUID()}.txt`,
    bytes: Buffer.from(randomBytes(FILE_BYTES / 2).toString('hex')),
  };
  try {
    const { bucket, restApiId } = deployment;
    const world = await steps.run('find the API', async () => {
      const value = await awsWorld({ s3, apiGateway, bucket, restApiId, signal });
      return { found: 'its resources', value };
    });
    await smokeTest(world, steps, file, signal);
  } catch (error) {
    if (signal.aborted || !(error instanceof SmokeFailure)) throw error;
  } finally {
    s3.destroy();
    apiGateway.destroy();
    // Print after cleaning up, because this process exits when the reader closes the pipe.
    if (output.format === 'plain') steps.reports.forEach(show);
  }
  const ok = steps.reports.every((report) => report.ok);
  if (output.format === 'json') output.json({ ok, steps: steps.reports });
  else if (ok) output.aside('All steps passed.');
  else output.warn('A step failed. docs/operations.md says where to find the logs of its function.');
  return ok ? 'done' : 'no';
}

/** Hides the messages of unknown errors, because `fetch` puts URLs into them. */
function explain(error: unknown): string {
  const failure = failureOf(error);
  if (failure !== undefined) return failure.message;
  return error instanceof Error ? error.name : 'an unknown error';
}
