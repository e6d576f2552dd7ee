import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Bundle, synthesizeDeployment } from '../../bench/bundles.ts';

/**
 * Limits each bundle, in kilobytes: a little more than it has. Compiling a bundle is the largest part of a cold start
 * (bench/README.md). If a bundle got smaller, lower its limit.
 */
const LIMITS = {
  bounces: 275,
  links: 505,
  mail: 355,
  mint: 645,
  pages: 335,
  redeem: 450,
  renewals: 480,
  stream: 465,
};

const outdir = mkdtempSync(join(tmpdir(), 'tvm-bundle-size-'));
let bundles: readonly Bundle[];
beforeAll(() => {
  ({ bundles } = synthesizeDeployment(outdir));
});
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

test('no bundle is larger than its limit', () => {
  const kilobytes = Object.fromEntries(bundles.map(({ name, bytes }) => [name, bytes / 1024]));
  expect(Object.keys(kilobytes).sort()).toEqual(Object.keys(LIMITS));
  for (const [name, limit] of Object.entries(LIMITS)) {
    expect({ name, fits: (kilobytes[name] ?? 0) <= limit }).toEqual({ name, fits: true });
  }
});

test('no bundle imports node:http in the way that loads undici', () => {
  for (const { name, moduleUrl } of bundles) {
    const imports = readFileSync(new URL(moduleUrl), 'utf8').match(
      /(?:from|import)\s*\(?\s*["'](?:node:)?https?["']/g,
    );
    expect({ name, imports }).toEqual({ name, imports: null });
  }
});
