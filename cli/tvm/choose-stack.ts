import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { configSchema } from '../../lib/config.ts';
import { CLIENT_SETTINGS } from './client-settings.ts';
import { CommandFailure } from './command-failure.ts';
import type { GlobalOptions } from './global-options.ts';

const StackName = configSchema.shape.stackName;
const CdkJson = z.object({
  context: z.object({ tvm: z.object({ stackName: StackName }).prefault({}) }).prefault({}),
});

/** Matches a region. It becomes part of a host name, so other text could send the call to another host. */
const REGION = /^[a-z]{2,}(-[a-z0-9]+)+$/;

/** The name of a stack, and the settings for clients in its account and region. */
export interface ChosenStack {
  readonly stackName: string;
  readonly settings: typeof CLIENT_SETTINGS & { readonly region?: string; readonly profile?: string };
}

/**
 * Returns the stack that `--stack` names, or else the one in cdk.json.
 *
 * @throws CommandFailure if the name or the region is invalid
 */
export function chooseStack({
  stack,
  region,
  profile,
}: Pick<GlobalOptions, 'stack' | 'region' | 'profile'>): ChosenStack {
  if (stack !== undefined && !StackName.safeParse(stack).success) {
    throw new CommandFailure(
      'usage',
      `Invalid stack name: "${stack}".`,
      'A stack name starts with a letter, and has at most 64 letters, digits, and hyphens.',
    );
  }
  if (region !== undefined && !REGION.test(region)) {
    throw new CommandFailure('usage', `Invalid region: "${region}".`, 'A region looks like eu-central-1.');
  }
  return {
    stackName: stack ?? stackNameInCdkJson(),
    settings: {
      ...CLIENT_SETTINGS,
      ...(region !== undefined && { region }),
      ...(profile !== undefined && { profile }),
    },
  };
}

function stackNameInCdkJson(): string {
  const text = readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8');
  const read = CdkJson.safeParse(JSON.parse(text));
  if (read.success) return read.data.context.tvm.stackName;
  throw new CommandFailure(
    'usage',
    'The stackName in cdk.json is not a valid stack name.',
    'Correct it, or name the stack with --stack.',
  );
}
