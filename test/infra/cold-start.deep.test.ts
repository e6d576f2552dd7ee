import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { buildYardstick, bundleNamed, synthesizeDeployment } from '../../bench/bundles.ts';
import { interleave } from '../../bench/fresh-process.ts';
import { startServices } from '../../bench/services.ts';

/**
 * The processor time that `redeem` takes to be ready, divided by that of the floor (bench/README.md). If it got faster,
 * lower this.
 */
const RECORDED = 2.1;

/** Lets through what computers differ by, and not a quarter more. */
const SLACK = 1.25;

const ROUNDS = 21;

test('redeem does not take a quarter more processor time to start than it did', async () => {
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
    // Other programs can only add to the time, so the quickest start is the one that they disturbed least.
    const quickest = (name: string) =>
      Math.min(...(measured.get(name) ?? []).map(({ readyCpuMs }) => readyCpuMs));
    expect(quickest('redeem') / quickest('floor')).toBeLessThan(RECORDED * SLACK);
  } finally {
    await services.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
