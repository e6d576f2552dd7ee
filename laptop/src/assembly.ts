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
import { fileURLToPath } from 'node:url';
import { LaptopError } from './laptop-error.ts';

/** What `cdk deploy` would deploy: one template, and the bundles it names. */
export interface Assembly {
  /** The folder that asset paths are relative to. */
  readonly dir: string;
  readonly templatePath: string;
  readonly stackName: string;
}

/** Deploy options by name, as under `tvm` in cdk.json. */
export type DeployOptions = Readonly<Record<string, unknown>>;

const PROJECT_ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Where caches go by convention; `npm ci` empties it. */
const CACHE = join(PROJECT_ROOT, 'node_modules', '.cache', 'token-vending-machine');

/** Everything that a template or a bundle is made from. */
const SOURCES = ['lib', 'lambda', 'cdk.json', 'package.json', 'package-lock.json', 'tsconfig.json'];

/** How many assemblies are kept: other laptops of this project may still run from an older one. */
const KEPT = 12;

/** How old an unfinished assembly is when nobody is making it any more, in milliseconds. */
const ABANDONED_MS = 3_600_000;

/**
 * Synthesises the CDK app in this process, or finds the assembly that was made from the very same sources,
 * lockfile and options.
 *
 * @param log told when it has to be made
 * @throws LaptopError if the options make no deployment
 */
export async function openAssembly(options: DeployOptions, log: (line: string) => void): Promise<Assembly> {
  const dir = join(CACHE, `assembly-${fingerprint(options)}`);
  const known = existsSync(dir);
  if (!known) {
    log('Synthesising the stack; the next start finds it done');
    await synthesise(options, dir);
  }
  const now = new Date();
  utimesSync(dir, now, now);
  forgetOldest();
  return { dir, ...stackOf(dir) };
}

async function synthesise(options: DeployOptions, dir: string): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  const outdir = mkdtempSync(join(CACHE, 'unfinished-'));
  // The CDK takes a while to load: only when it is needed.
  const [app, { ConfigError }] = await Promise.all([
    import('../../lib/app.ts'),
    import('../../lib/read-config.ts'),
  ]);
  try {
    app.synthesize(app.projectContext(withSender(options, app.projectContext().tvm)), outdir);
    renameSync(outdir, dir);
  } catch (error) {
    rmSync(outdir, { recursive: true, force: true });
    if (error instanceof ConfigError) throw new LaptopError(error.message);
    // Someone else made the same one meanwhile.
    if (!existsSync(dir)) throw error;
  }
}

/** Mails need a sender, and on the laptop any will do. */
function withSender(options: DeployOptions, committed: unknown): DeployOptions {
  const given = { ...(typeof committed === 'object' ? committed : {}), ...options };
  return 'senderEmail' in given || 'senderDomain' in given
    ? options
    : { ...options, senderEmail: 'files@example.com' };
}

function stackOf(dir: string): Pick<Assembly, 'templatePath' | 'stackName'> {
  const { artifacts } = JSON.parse(readFileSync(join(dir, 'manifest.json'), 'utf8')) as Manifest;
  const stacks = Object.entries(artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  const [[id, { properties }] = ['', {}]] = stacks;
  const templateFile = properties?.templateFile;
  if (stacks.length !== 1 || templateFile === undefined)
    throw new LaptopError('The CDK app must have one stack.');
  return { templatePath: join(dir, templateFile), stackName: properties?.stackName ?? id };
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

/** A hash of everything that the assembly depends on. */
function fingerprint(options: DeployOptions): string {
  const hash = createHash('sha256').update(JSON.stringify([options, process.version]));
  for (const source of SOURCES) {
    const path = join(PROJECT_ROOT, source);
    const files = statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, encoding: 'utf8' })
          .sort()
          .map((name) => join(path, name))
          .filter((file) => statSync(file).isFile())
      : [path];
    for (const file of files) {
      const content = readFileSync(file);
      hash.update(`\n${file.slice(PROJECT_ROOT.length)} ${content.length}\n`).update(content);
    }
  }
  return hash.digest('hex').slice(0, 16);
}

function forgetOldest(): void {
  const entries = readdirSync(CACHE).map((name) => ({ name, usedAt: statSync(join(CACHE, name)).mtimeMs }));
  const assemblies = entries
    .filter(({ name }) => name.startsWith('assembly-'))
    .sort((left, right) => right.usedAt - left.usedAt);
  // What was being made when its process was killed.
  const abandoned = entries.filter(
    ({ name, usedAt }) => name.startsWith('unfinished-') && Date.now() - usedAt > ABANDONED_MS,
  );
  for (const { name } of [...assemblies.slice(KEPT), ...abandoned]) {
    rmSync(join(CACHE, name), { recursive: true, force: true });
  }
}
