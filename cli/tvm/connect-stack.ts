import { readFileSync } from 'node:fs';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { z } from 'zod';
import { configSchema } from '../../lib/config.ts';
import { CLIENT_SETTINGS } from './client-settings.ts';
import { CommandFailure } from './command-failure.ts';
import type { Connection } from './connection.ts';
import { OUTPUT_NAMES, readDeployment } from './deployment.ts';

/** What chooses a stack; each left out is as the AWS settings and cdk.json say. */
export interface StackChoice {
  readonly stack: string | undefined;
  readonly region: string | undefined;
  readonly profile: string | undefined;
}

const Committed = z.object({
  context: z.object({ tvm: z.object({ stackName: configSchema.shape.stackName }).prefault({}) }).prefault({}),
});

/**
 * A stack on AWS, by its outputs.
 *
 * @throws CommandFailure when there is no such stack, or it lacks an output
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
 */
export async function connectStack(choice: StackChoice, signal: AbortSignal): Promise<Connection> {
  const stackName = choice.stack ?? committedStackName();
  const chosen = {
    ...CLIENT_SETTINGS,
    ...(choice.region !== undefined && { region: choice.region }),
    ...(choice.profile !== undefined && { profile: choice.profile }),
  };
  const cloudFormation = new CloudFormationClient(chosen);
  const { credentials } = cloudFormation.config;
  const region = await cloudFormation.config.region();
  const values = await outputsOf(cloudFormation, { stackName, region }, signal).finally(() =>
    cloudFormation.destroy(),
  );
  const read = readDeployment(values, OUTPUT_NAMES);
  if (read.kind === 'incomplete') {
    throw new CommandFailure(
      'notFound',
      `The stack ${stackName} in ${region} lacks outputs that this command line needs: ${read.missing.join(', ')}.`,
      'It was deployed from another version: deploy this one with "npx cdk deploy".',
    );
  }
  return {
    kind: 'stack',
    deployment: read.deployment,
    region,
    credentials,
    settings: () => ({ ...CLIENT_SETTINGS, region, credentials }),
  };
}

function committedStackName(): string {
  const cdkJson = readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8');
  return Committed.parse(JSON.parse(cdkJson)).context.tvm.stackName;
}

async function outputsOf(
  cloudFormation: CloudFormationClient,
  { stackName, region }: { readonly stackName: string; readonly region: string },
  abortSignal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  try {
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stackName }), {
      abortSignal,
    });
    return Object.fromEntries(
      (Stacks[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    );
  } catch (error) {
    // DescribeStacks answers this for a name that it does not know.
    if (!(error instanceof Error) || error.name !== 'ValidationError') throw error;
    throw new CommandFailure(
      'notFound',
      `There is no stack ${stackName} in ${region}.`,
      'Deploy it with "npx cdk deploy", or name another by --stack, --region or --profile; --local is the laptop.',
    );
  }
}
