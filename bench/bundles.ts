import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectContext, synthesize } from '../lib/app.ts';

/** A function as `cdk deploy` would deploy it. */
export interface Bundle {
  readonly name: string;
  /** The URL of the module that Lambda would load. */
  readonly moduleUrl: string;
  readonly bytes: number;
  readonly memoryMb: number;
  /** Its variables. Values that CloudFormation would fill in are made up so that the schemas accept them. */
  readonly environment: Readonly<Record<string, string>>;
}

interface FunctionResource {
  readonly Type: string;
  readonly Metadata?: { readonly 'aws:asset:path'?: string };
  readonly Properties: {
    readonly MemorySize?: number;
    readonly Environment?: { readonly Variables: Readonly<Record<string, unknown>> };
  };
}

/** Synthesizes the stack, and returns the bundles of its functions. */
export function deployedBundles(outdir: string): readonly Bundle[] {
  const [stack] = synthesize(projectContext({ senderEmail: 'files@example.org' }), outdir).stacks;
  if (stack === undefined) throw new Error('No stack was synthesized');
  const template = JSON.parse(readFileSync(stack.templateFullPath, 'utf8')) as {
    readonly Resources: Readonly<Record<string, FunctionResource>>;
  };
  return Object.values(template.Resources).flatMap(({ Type, Metadata, Properties }) => {
    const { Variables = {} } = Properties.Environment ?? {};
    const name = Variables.SERVICE_NAME;
    const asset = Metadata?.['aws:asset:path'];
    if (Type !== 'AWS::Lambda::Function' || typeof name !== 'string' || asset === undefined) return [];
    const path = join(outdir, asset, 'index.mjs');
    const environment = Object.fromEntries(
      Object.entries(Variables).map(([key, value]) => [key, typeof value === 'string' ? value : madeUp(key)]),
    );
    const bytes = readFileSync(path).length;
    const memoryMb = Properties.MemorySize ?? 128;
    return [{ name, moduleUrl: pathToFileURL(path).href, bytes, memoryMb, environment }];
  });
}

function madeUp(key: string): string {
  return /_(URL|ORIGIN)$/.test(key) ? 'https://example.org/v1' : 'made-up';
}
