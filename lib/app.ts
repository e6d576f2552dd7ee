import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { readConfig } from './read-config.ts';
import { TokenVendingStack } from './token-vending-stack.ts';

/** CDK context: feature flags, looked-up values, and the options under `tvm`. */
export type Context = Readonly<Record<string, unknown>>;

export interface AppOptions {
  /** @default - what the CDK command line passes to the program it runs */
  readonly context?: Context;
  /** Folder for the cloud assembly. @default - what the command line says, else a new temporary one */
  readonly outdir?: string;
}

/**
 * The CDK app: one stack, for no account or region in particular, so that nothing is ever looked up.
 *
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
 * Synthesises in this process what `cdk deploy` would deploy: templates, and bundles in asset folders.
 *
 * @throws ConfigError when the options make no deployment
 */
export function synthesise(options: AppOptions & { readonly context: Context }): CloudAssembly {
  return createApp(options).synth();
}
