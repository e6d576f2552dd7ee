import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Metafile } from 'esbuild';
import { projectContext, synthesize } from '../lib/app.ts';
import { bundle, minified } from '../lib/constructs/bundle.ts';
import type { Program } from './fresh-process.ts';
import { invocations } from './requests.ts';

/** A function as `cdk deploy` would deploy it. */
export interface Bundle extends Program {
  readonly bytes: number;
  readonly memoryMb: number;
}

interface Resource {
  readonly Type: string;
  readonly Metadata?: { readonly 'aws:asset:path'?: string };
  readonly Properties: Readonly<Record<string, unknown>> & {
    readonly MemorySize?: number;
    readonly Environment?: { readonly Variables: Readonly<Record<string, unknown>> };
  };
}

/** The stack as it would be deployed. */
export interface Deployment {
  readonly resources: readonly Resource[];
  readonly bundles: readonly Bundle[];
}

const FLOOR = fileURLToPath(new URL('floor/', import.meta.url));

/** Synthesizes the stack into `outdir`. Builds the bundles that are not cached in `bundleFolder`. */
export function synthesizeDeployment(outdir: string, bundleFolder?: string): Deployment {
  const context = projectContext({ senderEmail: 'files@example.org' });
  const [stack] = synthesize(context, outdir, bundleFolder).stacks;
  if (stack === undefined) throw new Error('No stack was synthesized');
  const template = JSON.parse(readFileSync(stack.templateFullPath, 'utf8')) as {
    readonly Resources: Readonly<Record<string, Resource>>;
  };
  const resources = Object.values(template.Resources);
  return { resources, bundles: resources.flatMap((resource) => bundleOf(resource, outdir)) };
}

function bundleOf({ Type, Metadata, Properties }: Resource, outdir: string): readonly Bundle[] {
  const { Variables = {} } = Properties.Environment ?? {};
  const name = Variables.SERVICE_NAME;
  const asset = Metadata?.['aws:asset:path'];
  if (Type !== 'AWS::Lambda::Function' || typeof name !== 'string' || asset === undefined) return [];
  const invocation = invocations()[name];
  if (invocation === undefined) throw new Error(`bench/requests.ts has no request for ${name}`);
  const environment = Object.fromEntries(
    Object.entries(Variables).map(([key, value]) => [key, typeof value === 'string' ? value : madeUp(key)]),
  );
  const path = join(outdir, asset, 'index.mjs');
  const memoryMb = Properties.MemorySize ?? 128;
  return [{ name, ...moduleAt(path), memoryMb, environment, invocation }];
}

/** Returns a placeholder that the schemas accept, for a value that CloudFormation would fill in. */
function madeUp(key: string): string {
  return /_(URL|ORIGIN)$/.test(key) ? 'https://example.org/v1' : key.toLowerCase().replaceAll('_', '-');
}

/**
 * Builds a baseline from bench/floor/ with the functions' build settings. The baseline gets the memory, environment, and
 * request of the bundle `like`.
 */
export function buildYardstick(
  entry: 'empty' | 'redeem' | 'pipe' | 'bare-sdk' | 'tables' | 'tables-files' | 'tables-mail',
  like: Bundle,
  folder: string,
): Bundle {
  const outfile = join(folder, `${entry}.mjs`);
  const [{ text } = { text: '' }] = bundle([join(FLOOR, `${entry}.ts`)], {}).outputFiles;
  writeFileSync(outfile, minified(text));
  return { ...like, name: entry, ...moduleAt(outfile) };
}

function moduleAt(path: string): Pick<Bundle, 'moduleUrl' | 'bytes'> {
  return { moduleUrl: pathToFileURL(path).href, bytes: readFileSync(path).length };
}

export function bundleNamed(bundles: readonly Bundle[], name: string): Bundle {
  const bundle = bundles.find((each) => each.name === name);
  if (bundle === undefined) throw new Error(`Unknown function: ${name}`);
  return bundle;
}

/**
 * Returns how many bytes each package adds to a bundle, largest first. Schemas that the build later drops are included.
 * Our own code counts as `lambda/`.
 */
export function bytesByPackage(name: string): readonly (readonly [string, number])[] {
  const entry = fileURLToPath(new URL(`../lambda/entry/${name}.ts`, import.meta.url));
  const { metafile } = bundle([entry], {}, { minify: true });
  return packagesIn(metafile);
}

function packagesIn({ outputs }: Metafile): readonly (readonly [string, number])[] {
  const sizes = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs),
  )) {
    const owner = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? 'lambda/';
    sizes.set(owner, (sizes.get(owner) ?? 0) + bytesInOutput);
  }
  return [...sizes].toSorted(([, left], [, right]) => right - left);
}
