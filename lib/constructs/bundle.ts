import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CfnResource, Stack } from 'aws-cdk-lib';
import { type AssetCode, Code, type CodeConfig, type ResourceBindOptions } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { buildSync } from 'esbuild';
import type { BrandSettings } from '../../lambda/environment/brand.ts';

const ENTRIES = fileURLToPath(new URL('../../lambda/entry/', import.meta.url));

/** Defines `require` for dependencies in CommonJS, because a bundle has none. */
const REQUIRE_BANNER =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/**
 * Returns the code of a function: its entry and all its imports in one file, the AWS SDK included.
 *
 * esbuild runs in this process. The CDK's own `NodejsFunction` starts `npx esbuild` for each function, which took most
 * of the time of a synthesis and printed to the terminal (docs/adr, "Bundles are built in process").
 *
 * @param brand written into the code of the functions that show it: Lambda's environment has no room for a logo
 */
export function bundle(scope: Construct, name: string, brand: BrandSettings): Code {
  // Tests of the template alone ask for no bundles (aws:cdk:bundling-stacks).
  return Stack.of(scope).bundlingRequired ? new Bundle(name, brand) : Code.fromAsset(ENTRIES);
}

/** Builds a bundle when a function is made of it, in a folder that is removed once the assembly has its copy. */
class Bundle extends Code {
  readonly #name: string;
  readonly #brand: BrandSettings;
  #asset: AssetCode | undefined;

  constructor(name: string, brand: BrandSettings) {
    super();
    this.#name = name;
    this.#brand = brand;
  }

  /** @throws if the entry does not compile */
  override bind(scope: Construct): CodeConfig {
    const outdir = mkdtempSync(join(tmpdir(), `tvm-${this.#name}-`));
    try {
      build(this.#name, this.#brand, outdir);
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

function build(name: string, brand: BrandSettings, outdir: string): void {
  buildSync({
    entryPoints: [join(ENTRIES, `${name}.ts`)],
    outfile: join(outdir, 'index.mjs'),
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    define: { 'process.env.TVM_BRAND': JSON.stringify(JSON.stringify(brand)) },
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE_BANNER },
    logLevel: 'warning',
  });
}
