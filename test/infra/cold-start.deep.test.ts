import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { buildYardstick, bundleNamed, synthesizeDeployment } from '../../bench/bundles.ts';
import { interleave } from '../../bench/fresh-process.ts';
import { startServices } from '../../bench/services.ts';

/**
 * The processor time that `redeem` takes to be ready, as a multiple of what `floor` takes (bench/README.md). If
 * `redeem` gets faster, lower this value.
 */
const RECORDED = 2.1;

/** Tolerance for differences between computers. */
const SLACK = 1.25;

const ROUNDS = 21;

test('redeem needs at most 25 percent more processor time to start than recorded', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tvm-cold-start-'));
  const services = await startServices();
  try {
    const redeem = bundleNamed(synthesizeDeployment(join(folder, 'assembly')).bundles, 'redeem');
    const floor = { ...buildYardstick('redeem', redeem, folder), name: 'floor' };
    const measured = await interleave([floor, redeem], services, {
      rounds: ROUNDS,
      warmUp: 0,
      warm: 0,
    });
    // Other programs can only add time, so the fastest start is the least disturbed.
    const quickest = (name: string) =>
      Math.min(...(measured.get(name) ?? []).map(({ readyCpuMs }) => readyCpuMs));
    expect(quickest('redeem') / quickest('floor')).toBeLessThan(RECORDED * SLACK);
  } finally {
    await services.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
