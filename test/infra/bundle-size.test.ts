import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { synthesizeDeployment } from '../../bench/bundles.ts';

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

test('no bundle is larger than its limit', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'tvm-bundle-size-'));
  try {
    const { bundles } = synthesizeDeployment(outdir);
    const kilobytes = Object.fromEntries(bundles.map(({ name, bytes }) => [name, bytes / 1024]));
    expect(Object.keys(kilobytes).sort()).toEqual(Object.keys(LIMITS));
    for (const [name, limit] of Object.entries(LIMITS)) {
      expect({ name, fits: (kilobytes[name] ?? 0) <= limit }).toEqual({ name, fits: true });
    }
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
});
