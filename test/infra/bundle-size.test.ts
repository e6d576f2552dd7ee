import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildSync } from 'esbuild';
import { type Bundle, synthesizeDeployment } from '../../bench/bundles.ts';
import { bundleFolder } from '../../bin/local/stack.ts';
import { fileBeside, KeptBundles } from '../../lib/constructs/bundle.ts';

/**
 * Size limit of each bundle in KB, slightly above its size. Compiling a bundle is the largest part of a cold start
 * (bench/README.md). If a bundle gets smaller, lower its limit. Bundles over 400 KB contain the S3 and DynamoDB clients
 * with their core (270 KB), and most contain pages in three languages (60 KB). `mint` also contains the blocklist
 * (140 KB). Detecting a file's type from its first bytes takes 45 KB.
 */
const LIMITS = {
  bounces: 242,
  finalize: 454,
  invites: 315,
  links: 443,
  mail: 344,
  mint: 628,
  objects: 363,
  outcomes: 222,
  pages: 317,
  receive: 495,
  redeem: 450,
  renewals: 458,
  reviews: 347,
  stream: 455,
  submit: 536,
  sweep: 332,
  uploads: 393,
  verdicts: 335,
};

/** Limits of optional bundles. Only stamping loads the stamper, which parses PDFs and fonts. */
const LIMITS_OF_OPTIONS = { watermark: 457, stamper: 1345, collection: 312, zip: 461 };

const outdir = mkdtempSync(join(tmpdir(), 'tvm-bundle-size-'));
let bundles: readonly Bundle[];
beforeAll(() => {
  ({ bundles } = synthesizeDeployment(outdir, bundleFolder()));
});
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

test('no bundle is larger than its limit', () => {
  const kilobytes = Object.fromEntries(bundles.map(({ name, bytes }) => [name, bytes / 1024]));
  expect(Object.keys(kilobytes).sort()).toEqual(Object.keys(LIMITS));
  for (const [name, limit] of Object.entries(LIMITS)) {
    expect({ name, fits: (kilobytes[name] ?? 0) <= limit }).toEqual({ name, fits: true });
  }
});

test.each(Object.entries(LIMITS_OF_OPTIONS))('the bundle %s is at most %i KB', (name, limit) => {
  const kept = new KeptBundles(bundleFolder(), {});
  const functions = kept.all(['watermark', 'collection', 'zip']);
  const content = functions.get(name) ?? kept.beside(`entry/${name}.ts`)[1];
  expect(content.length / 1024).toBeLessThanOrEqual(limit);
});

test('the same sources produce the same bundle, so that a deployment replaces only changed code', () => {
  const built = () => Buffer.from(fileBeside('entry/challenges.ts', {})[1]).toString();
  const first = built();
  expect(first).toBe(built());
  expect(first).not.toContain('tvm-stand-ins');
});

test('no bundle imports a Node module, because importing one reads all of its exports and loads their dependencies', () => {
  const { metafile } = buildSync({
    entryPoints: bundles.map(({ moduleUrl }) => fileURLToPath(moduleUrl)),
    outdir: join(outdir, 'read-again'),
    platform: 'node',
    format: 'esm',
    bundle: true,
    treeShaking: false,
    write: false,
    metafile: true,
  });
  const imports = Object.entries(metafile.inputs).map(([bundle, { imports }]) => [bundle, imports]);
  expect(imports).toEqual(imports.map(([bundle]) => [bundle, []]));
});
