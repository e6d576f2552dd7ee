import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Bundle, synthesizeDeployment } from '../../bench/bundles.ts';

/**
 * Limits each bundle, in kilobytes: a little more than it has. Compiling a bundle is the largest part of a cold start
 * (bench/README.md). If a bundle got smaller, lower its limit. Those over 400 have the clients of S3 and of DynamoDB with their
 * core (300), and pages in three languages (60), which `mint` mails as well. To find a type by first bytes takes 45.
 */
const LIMITS = {
  bounces: 275,
  finalize: 495,
  invites: 350,
  links: 465,
  mail: 360,
  mint: 635,
  objects: 400,
  outcomes: 255,
  pages: 325,
  receive: 515,
  redeem: 455,
  renewals: 475,
  reviews: 385,
  stream: 460,
  submit: 555,
  sweep: 370,
  uploads: 430,
  verdicts: 375,
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
