import { readFileSync } from 'node:fs';
import { Annotations, App, type AppProps } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { readConfig, uncommittedGuards } from './read-config.ts';
import { TokenVendingStack } from './token-vending-stack.ts';

/** Holds CDK context: feature flags, looked-up values, and the options under `tvm`. */
export type Context = Readonly<Record<string, unknown>>;

export interface AppOptions extends Pick<AppProps, 'context' | 'outdir' | 'builtinCloudFormationValidation'> {
  /** Keeps bundles for the next synthesis from the same sources. */
  readonly bundleFolder?: string | undefined;
}

/**
 * Creates the CDK app: one stack, for no particular account or region, so that no lookups are needed.
 *
 * @param options default to what the command line passes to the program that it runs
 * @throws ConfigError if the options are invalid
 */
export function createApp({ bundleFolder, ...options }: AppOptions = {}): App {
  const app = new App({ ...options, analyticsReporting: false });
  const config = readConfig(app.node.getAllContext());
  const stack = new TokenVendingStack(app, 'TokenVendingMachine', { config, bundleFolder });
  for (const option of uncommittedGuards(app.node.getAllContext())) {
    Annotations.of(stack).addWarningV2(
      `tvm:uncommitted-${option}`,
      `${option} was given with -c. The next deployment without it has no such restriction. Put it under "tvm" in cdk.json.`,
    );
  }
  return app;
}

/**
 * Returns the context that the command line would pass from this project's cdk.json, with the given options replacing
 * the committed ones. A program does not get cdk.json by itself.
 */
export function projectContext(options: Context = {}): Context {
  const text = readFileSync(new URL('../cdk.json', import.meta.url), 'utf8');
  const { context } = JSON.parse(text) as { readonly context: Context & { readonly tvm: Context } };
  return {
    'aws:cdk:enable-asset-metadata': true,
    'aws:cdk:enable-path-metadata': true,
    ...context,
    tvm: { ...context.tvm, ...options },
  };
}

/**
 * Synthesizes in this process what `cdk deploy` would deploy: templates, and bundles in asset folders. Only the check
 * of the template against CloudFormation's own schemas is left to the command line.
 *
 * @param outdir folder for the cloud assembly; a new temporary one if left out
 * @param bundleFolder keeps bundles for the next synthesis from the same sources
 * @throws ConfigError if the options are invalid
 */
export function synthesize(context: Context, outdir?: string, bundleFolder?: string): CloudAssembly {
  const plain = { context, bundleFolder, builtinCloudFormationValidation: false };
  return createApp({ ...plain, ...(outdir && { outdir }) }).synth();
}
