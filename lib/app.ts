import { readFileSync } from 'node:fs';
import { Annotations, App, type AppProps } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { readConfig, uncommittedSafeguards } from './read-config.ts';
import { TokenVendingStack } from './token-vending-stack.ts';

/** CDK context: feature flags, looked-up values, and the options under `tvm`. */
export type Context = Readonly<Record<string, unknown>>;

export interface AppOptions extends Pick<AppProps, 'context' | 'outdir' | 'builtinCloudFormationValidation'> {
  /** Folder that caches bundles for the next synthesis from the same sources. */
  readonly bundleFolder?: string | undefined;
}

/**
 * Creates the CDK app with its one stack. The stack has no account or region, so it needs no lookups.
 *
 * @param options defaults to what the CDK command line passes to the app
 * @throws ConfigError if the options are invalid
 */
export function createApp({ bundleFolder, ...options }: AppOptions = {}): App {
  const app = new App({ ...options, analyticsReporting: false });
  const config = readConfig(app.node.getAllContext());
  const stack = new TokenVendingStack(app, 'TokenVendingMachine', { config, bundleFolder });
  for (const option of uncommittedSafeguards(app.node.getAllContext())) {
    Annotations.of(stack).addWarningV2(
      `tvm:uncommitted-${option}`,
      `${option} was given with -c. It restricts access or keeps data, and the next deployment could leave it out. Put it under "tvm" in cdk.json.`,
    );
  }
  return app;
}

/**
 * Returns the context that the CDK command line would read from this project's cdk.json, with the given options
 * overriding the committed ones. The CDK library itself does not read cdk.json.
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
 * Synthesizes in this process what `cdk deploy` would deploy: templates, and bundles in asset folders. Unlike the
 * command line, it does not check the template against CloudFormation's schemas.
 *
 * @param outdir folder for the cloud assembly; defaults to a new temporary folder
 * @param bundleFolder folder that caches bundles for the next synthesis from the same sources
 * @throws ConfigError if the options are invalid
 */
export function synthesize(context: Context, outdir?: string, bundleFolder?: string): CloudAssembly {
  const plain = { context, bundleFolder, builtinCloudFormationValidation: false };
  return createApp({ ...plain, ...(outdir && { outdir }) }).synth();
}
