import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { LaptopError } from './laptop-error.ts';

/** The input of `cdk deploy`: one template, and the bundles that it refers to. */
export interface Assembly {
  /** The folder that asset paths are relative to. */
  readonly dir: string;
  readonly templatePath: string;
  readonly stackName: string;
}

/**
 * Opens a cloud assembly.
 *
 * @throws LaptopError unless the assembly exists and has exactly one stack
 */
export function openAssembly(dir: string): Assembly {
  if (!existsSync(join(dir, 'manifest.json')))
    throw new LaptopError(`Found no synthesized stack in ${dir}. Run "npx cdk synth" first.`);
  const { artifacts } = JSON.parse(readFileSync(join(dir, 'manifest.json'), 'utf8')) as Manifest;
  const stacks = Object.entries(artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  const [[id, { properties }] = ['', {}]] = stacks;
  const templateFile = properties?.templateFile;
  if (stacks.length !== 1 || templateFile === undefined)
    throw new LaptopError('The CDK app must have exactly one stack.');
  return { dir, templatePath: join(dir, templateFile), stackName: properties?.stackName ?? id };
}

/** @see https://docs.aws.amazon.com/cdk/v2/guide/deploy.html#deploy-how-synth-assemblies */
interface Manifest {
  readonly artifacts: Readonly<
    Record<
      string,
      {
        readonly type: string;
        readonly properties?: { readonly templateFile?: string; readonly stackName?: string };
      }
    >
  >;
}

/** The folder of an assembly cache, and the inputs of the assembly to look up. */
export interface AssemblyCache {
  readonly dir: string;
  /** Absolute paths of files and folders. */
  readonly sources: readonly string[];
  /** All other inputs of an assembly, such as deploy options. Must be serializable as JSON. */
  readonly options: unknown;
}

/** Number of assemblies that are kept. Other processes may still be using an older one. */
const KEPT = 40;

/** Age at which an unfinished assembly counts as abandoned, in milliseconds. */
const ABANDONED_MS = 3_600_000;

/**
 * Returns the folder of the assembly for these sources and options. Synthesizes the assembly if it is not in the cache.
 *
 * @param synthesize writes the assembly into an empty folder
 */
export async function cachedAssembly(
  cache: AssemblyCache,
  synthesize: (outdir: string) => void | Promise<void>,
): Promise<string> {
  const dir = join(cache.dir, `assembly-${fingerprint(cache)}`);
  if (!existsSync(dir)) await fill(dir, cache, synthesize);
  const now = new Date();
  utimesSync(dir, now, now);
  forgetOldest(cache.dir);
  return dir;
}

async function fill(
  dir: string,
  cache: AssemblyCache,
  synthesize: Parameters<typeof cachedAssembly>[1],
): Promise<void> {
  mkdirSync(cache.dir, { recursive: true });
  const outdir = mkdtempSync(join(cache.dir, 'unfinished-'));
  try {
    await synthesize(outdir);
    renameSync(outdir, dir);
  } catch (error) {
    rmSync(outdir, { recursive: true, force: true });
    // Another process may have synthesized the same assembly in the meantime.
    if (!existsSync(dir)) throw error;
  }
}

/** Hashes the Node version and the inputs of an assembly or a part of one. */
export function fingerprint({ sources, options }: Omit<AssemblyCache, 'dir'>): string {
  const hash = createHash('sha256').update(JSON.stringify([options, process.version]));
  for (const path of sources) {
    const files = statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, encoding: 'utf8' })
          .sort()
          .map((name) => join(path, name))
          .filter((file) => statSync(file).isFile())
      : [path];
    for (const file of files) {
      const content = readFileSync(file);
      hash.update(`\n${file} ${content.length}\n`).update(content);
    }
  }
  return hash.digest('hex').slice(0, 16);
}

function forgetOldest(cacheDir: string): void {
  const entries = readdirSync(cacheDir).map((name) => ({
    name,
    usedAt: statSync(join(cacheDir, name)).mtimeMs,
  }));
  const assemblies = entries
    .filter(({ name }) => name.startsWith('assembly-'))
    .sort((left, right) => right.usedAt - left.usedAt);
  const abandoned = entries.filter(
    ({ name, usedAt }) => name.startsWith('unfinished-') && Date.now() - usedAt > ABANDONED_MS,
  );
  for (const { name } of [...assemblies.slice(KEPT), ...abandoned]) {
    rmSync(join(cacheDir, name), { recursive: true, force: true });
  }
}
