import { readFileSync } from 'node:fs';
import { App, type AppProps } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { readConfig } from './read-config.ts';
import { TokenVendingStack } from './token-vending-stack.ts';

/** CDK context: feature flags, looked-up values, and the options under `tvm`. */
export type Context = Readonly<Record<string, unknown>>;

export type AppOptions = Pick<AppProps, 'context' | 'outdir' | 'builtinCloudFormationValidation'>;

/**
 * The CDK app: one stack, for no account or region in particular, so that nothing is ever looked up.
 *
 * @param options what the command line passes to the program it runs, unless said otherwise
 * @throws ConfigError when the options make no deployment
 */
export function createApp(options: AppOptions = {}): App {
  const app = new App({ ...options, analyticsReporting: false });
  const config = readConfig(app.node.getAllContext());
  new TokenVendingStack(app, 'TokenVendingMachine', { config });
  return app;
}

/**
 * The context that the command line would pass from this project's cdk.json, with options laid over the committed
 * ones; a program does not get cdk.json by itself.
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
 * Synthesises in this process what `cdk deploy` would deploy: templates, and bundles in asset folders. Only the
 * check of the template against CloudFormation's own schemas is left to the command line.
 *
 * @param outdir folder for the cloud assembly; a new temporary one when left out
 * @throws ConfigError when the options make no deployment
 */
export function synthesise(context: Context, outdir?: string): CloudAssembly {
  return createApp({ context, ...(outdir && { outdir }), builtinCloudFormationValidation: false }).synth();
}
