import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CfnResource, Stack } from 'aws-cdk-lib';
import { type AssetCode, Code, type CodeConfig, type ResourceBindOptions } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { type BuildOptions, buildSync, transformSync } from 'esbuild';
import type { BrandSettings } from '../../lambda/environment/brand.ts';

const LAMBDA = fileURLToPath(new URL('../../lambda/', import.meta.url));
const ENTRIES = join(LAMBDA, 'entry/');

/** Defines `require` for CommonJS dependencies, because bundles are ES modules, which do not have it. */
const REQUIRE_BANNER =
  "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);";

const TARGET = { platform: 'node', target: 'node24', format: 'esm' } as const;

/** Parts of the SDK that functions don't need, with their replacements. */
const LEANER = {
  '@aws-sdk/credential-provider-node': join(ENTRIES, 'role-credentials.ts'),
  '@aws-sdk/endpoint-cache': join(ENTRIES, 'endpoint-cache.ts'),
  '@smithy/core/event-streams': join(ENTRIES, 'event-streams.ts'),
};

/**
 * Writes a stand-in for each built-in module of Node. An `import` of such a module reads all its exports, and reading
 * some of them loads more: `WebSocket` of node:http loads a whole HTTP client. A stand-in reads an export only when it
 * is used (docs/adr, "Shorten cold starts by what was measured").
 */
function standIns(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    builtinModules.flatMap((name) => {
      const path = join(folder, `${name.replaceAll('/', '-')}.cjs`);
      writeFileSync(path, `module.exports = process.getBuiltinModule('node:${name}');\n`);
      return [
        [name, path],
        [`node:${name}`, path],
      ];
    }),
  );
}

/**
 * Builds the code of all functions. Each bundle is one file with the entry and all its imports, including the AWS SDK.
 *
 * esbuild runs once, in this process. The CDK's own `NodejsFunction` starts `npx esbuild` for each function, which took
 * most of the synthesis time and printed to the terminal. Building the functions together parses shared files once: 8
 * functions take 2.2 s instead of 4.2 s.
 */
export class Bundles {
  readonly #names: readonly string[];
  readonly #brand: BrandSettings;
  readonly #kept: KeptBundles | undefined;
  #built: ReadonlyMap<string, Uint8Array> | undefined;

  /**
   * @param brand is written into the functions' code, because Lambda's environment has no room for a logo
   * @param folder caches bundles for the next synthesis from the same sources. Without it, all bundles are built.
   */
  constructor(names: readonly string[], brand: BrandSettings, folder?: string) {
    this.#names = names;
    this.#brand = brand;
    this.#kept = folder === undefined ? undefined : new KeptBundles(folder, brand);
  }

  /**
   * Returns the code of one function, which is built when a template needs it.
   *
   * @param beside files under lambda/ that are deployed with it
   */
  code(scope: Construct, name: string, beside: readonly string[] = []): Code {
    // Tests of the template turn bundling off (aws:cdk:bundling-stacks).
    return Stack.of(scope).bundlingRequired
      ? new Bundle(() => [
          ['index.mjs', this.#contentOf(name)],
          ...beside.map((path) => this.#kept?.beside(path) ?? fileBeside(path, this.#brand)),
        ])
      : Code.fromAsset(ENTRIES);
  }

  /** @throws if an entry does not compile */
  #contentOf(name: string): Uint8Array {
    this.#built ??= this.#kept?.all(this.#names) ?? build(this.#names, this.#brand);
    const content = this.#built.get(name);
    if (content === undefined) throw new Error(`No bundle was built for lambda/entry/${name}.ts`);
    return content;
  }
}

/** Caches the bundles of one version of the sources in a folder, separately for each brand. */
export class KeptBundles {
  readonly #folder: string;
  readonly #brand: BrandSettings;

  constructor(folder: string, brand: BrandSettings) {
    const variant = createHash('sha256').update(JSON.stringify(brand)).digest('hex').slice(0, 16);
    this.#folder = join(folder, variant);
    this.#brand = brand;
  }

  /** Returns the bundles of functions. Missing bundles are built together. */
  all(names: readonly string[]): ReadonlyMap<string, Uint8Array> {
    const missing = names.filter((name) => !existsSync(this.#pathOf(`${name}.mjs`)));
    const built = missing.length === 0 ? new Map<string, Uint8Array>() : build(missing, this.#brand);
    for (const [name, content] of built) this.#keep(`${name}.mjs`, content);
    return new Map(names.map((name) => [name, built.get(name) ?? readFileSync(this.#pathOf(`${name}.mjs`))]));
  }

  beside(path: string): Files[number] {
    const name = `beside-${path.replaceAll('/', '-')}`;
    if (!path.endsWith('.ts') || !existsSync(this.#pathOf(name))) {
      const file = fileBeside(path, this.#brand);
      if (path.endsWith('.ts')) this.#keep(name, file[1]);
      return file;
    }
    return [`${basename(path, '.ts')}.mjs`, readFileSync(this.#pathOf(name))];
  }

  #pathOf(name: string): string {
    return join(this.#folder, name);
  }

  /** Writes the file atomically, because another process may read it at the same time. */
  #keep(name: string, content: Uint8Array): void {
    mkdirSync(this.#folder, { recursive: true });
    const unfinished = this.#pathOf(`${name}.${process.pid}`);
    writeFileSync(unfinished, content);
    renameSync(unfinished, this.#pathOf(name));
  }
}

/** Returns a file to deploy with a bundle. A TypeScript file is built first. */
export function fileBeside(path: string, brand: BrandSettings): Files[number] {
  if (!path.endsWith('.ts')) return [basename(path), readFileSync(join(LAMBDA, path))];
  const { outputFiles } = bundle([join(LAMBDA, path)], brand);
  return [`${basename(path, '.ts')}.mjs`, minified(outputFiles.map(({ text }) => text).join(''))];
}

type Files = readonly (readonly [name: string, content: Uint8Array])[];

/**
 * Writes a bundle to a temporary folder when a function needs it, and removes the folder once the bundle has been copied
 * to the assembly.
 */
class Bundle extends Code {
  readonly #files: () => Files;
  #asset: AssetCode | undefined;

  constructor(files: () => Files) {
    super();
    this.#files = files;
  }

  override bind(scope: Construct): CodeConfig {
    const outdir = mkdtempSync(join(tmpdir(), 'tvm-bundle-'));
    try {
      for (const [name, content] of this.#files()) writeFileSync(join(outdir, name), content);
      this.#asset = Code.fromAsset(outdir);
      return this.#asset.bind(scope);
    } finally {
      rmSync(outdir, { recursive: true, force: true });
    }
  }

  override bindToResource(resource: CfnResource, options?: ResourceBindOptions): void {
    this.#asset?.bindToResource(resource, options);
  }
}

function build(names: readonly string[], brand: BrandSettings): ReadonlyMap<string, Uint8Array> {
  const { outputFiles } = bundle(
    names.map((name) => join(ENTRIES, `${name}.ts`)),
    brand,
  );
  return new Map(outputFiles.map(({ path, text }) => [basename(path, '.js'), minified(text)]));
}

/**
 * Bundles programs with the functions' settings, without writing files. The benchmark builds its baselines with
 * this function, too.
 */
export function bundle(
  entryPoints: readonly string[],
  brand: BrandSettings,
  more: Pick<BuildOptions, 'minify'> = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'tvm-stand-ins-'));
  try {
    return buildSync({
      ...TARGET,
      ...more,
      entryPoints: [...entryPoints],
      outdir: ENTRIES,
      write: false,
      metafile: true,
      bundle: true,
      define: { 'process.env.TVM_BRAND': JSON.stringify(JSON.stringify(brand)) },
      mainFields: ['module', 'main'],
      alias: { ...standIns(folder), ...LEANER },
      banner: { js: REQUIRE_BANNER },
      logLevel: 'warning',
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Minifies a bundle, and removes unused code, including unused schemas of the SDK. */
export function minified(bundle: string): Uint8Array {
  const plain = bundle.replaceAll(STAND_INS, '"').replaceAll(SCHEMAS, withPlainKeys);
  return Buffer.from(transformSync(plain, { ...TARGET, minify: true, treeShaking: true }).code);
}

/**
 * Matches the temporary folder of stand-ins in the label of a module. If the path remained, bundles would differ with
 * each synthesis, and each deployment would replace the code of every function.
 */
const STAND_INS = /"[^"\n]*tvm-stand-ins-[^"/\\]+[/\\]/g;

/** Matches a module of SDK schemas in a bundle, up to the comment that names the next module. */
const SCHEMAS = /^\/\/ \S+\/schemas\/schemas_\d+\.js\n[\s\S]*?(?=^\/\/ \S+\.[jt]s\n)/gm;

/**
 * Replaces computed keys with the strings that they stand for: `{ [_k]: 1 }` becomes `{ "key": 1 }`. A computed key may
 * have side effects, so esbuild keeps every schema with one, including nearly all of S3's.
 */
function withPlainKeys(schemas: string): string {
  const strings = new Map(
    [...schemas.matchAll(/^var (\w+) = ("(?:[^"\\]|\\.)*");$/gm)].map(([, name, text]) => [name, text]),
  );
  return schemas.replaceAll(/\[(\w+)\]:/g, (key, name: string) => {
    const text = strings.get(name);
    return text === undefined ? key : `${text}:`;
  });
}
