import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Stack } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { buildSync } from 'esbuild';
import type { BrandSettings, FunctionName } from '../../lambda/environment.ts';

const ENTRIES = fileURLToPath(new URL('../../lambda/entry/', import.meta.url));

/** Some dependencies are CommonJS, and call `require` from inside a bundle that has none. */
const REQUIRE_BANNER =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/**
 * The code of a function: its entry and all that it imports in one file, the AWS SDK included.
 *
 * esbuild runs in this process. The CDK's own `NodejsFunction` starts `npx esbuild` for each function, which took
 * most of the time of a synthesis and spoke on the terminal (docs/adr, "Bundles are built in process").
 *
 * @param brand written into the code of the functions that show it: Lambda's environment has no room for a logo
 * @throws when the entry does not compile
 */
export function bundle(scope: Construct, name: FunctionName, brand: BrandSettings): Code {
  // Tests of the template alone ask for no bundles (aws:cdk:bundling-stacks).
  if (!Stack.of(scope).bundlingRequired) return Code.fromAsset(ENTRIES);
  const outdir = mkdtempSync(join(tmpdir(), `tvm-${name}-`));
  // The assembly gets a copy.
  process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
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
  return Code.fromAsset(outdir);
}
