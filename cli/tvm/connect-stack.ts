import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { type ChosenStack, chooseStack } from './choose-stack.ts';
import { CLIENT_SETTINGS } from './client-settings.ts';
import { CommandFailure } from './command-failure.ts';
import type { Connection } from './connection.ts';
import { readDeployment } from './deployment.ts';
import type { GlobalOptions } from './global-options.ts';

/**
 * Connects to a stack on AWS, and finds its resources through the stack's outputs.
 *
 * @throws CommandFailure if the stack does not exist or lacks an output
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
 */
export async function connectStack(globals: GlobalOptions, signal: AbortSignal): Promise<Connection> {
  const { stackName, settings } = chooseStack(globals);
  const cloudFormation = new CloudFormationClient(settings);
  const { credentials } = cloudFormation.config;
  const region = await cloudFormation.config.region();
  const values = await outputsOf(cloudFormation, { stackName, region }, signal).finally(() =>
    cloudFormation.destroy(),
  );
  const read = readDeployment(values);
  if (read.kind === 'incomplete') {
    throw new CommandFailure(
      'notFound',
      `Stack ${stackName} in ${region} lacks outputs that tvm needs: ${read.missing.join(', ')}.`,
      'It was deployed by a different version. Deploy this version with "npx cdk deploy".',
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

async function outputsOf(
  cloudFormation: CloudFormationClient,
  { stackName, region }: Pick<ChosenStack, 'stackName'> & { readonly region: string },
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
    // This is how DescribeStacks reports an unknown stack.
    if (!(error instanceof Error) || error.name !== 'ValidationError') throw error;
    throw new CommandFailure(
      'notFound',
      `Stack ${stackName} does not exist in ${region}.`,
      'Deploy it with "npx cdk deploy", choose another with --stack, --region, or --profile, or use --local.',
    );
  }
}
