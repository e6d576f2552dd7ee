import { once } from 'node:events';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Machine } from '../../../test/support/permissions/machine.ts';
import { type Running, startTvm } from '../support/tvm.ts';

const MEBIBYTE = 1024 ** 2;
const PART = 16 * MEBIBYTE;

/**
 * The size of the file, by default nineteen parts. `TVM_UPLOAD_MEBIBYTES=6144` makes a file that is too large for one
 * PUT. The test then takes five minutes.
 */
const SIZE = Number(process.env.TVM_UPLOAD_MEBIBYTES ?? 300) * MEBIBYTE;

/** The number of parts that tvm sends at the same time. */
const IN_FLIGHT = 4;

const folder = mkdtempSync(join(tmpdir(), 'tvm-resumed-'));
const path = join(folder, 'disk.img');
const machine = new Machine({ uploadMaxBytes: String(SIZE), uploadTypes: 'application/octet-stream' });

beforeAll(async () => {
  const file = openSync(path, 'w');
  ftruncateSync(file, SIZE);
  // The two halves differ, so that swapped parts would be noticed.
  writeSync(file, 'the beginning', 0);
  writeSync(file, 'the end', SIZE - 20);
  closeSync(file);
  await machine.start();
});
afterAll(async () => {
  await machine.close();
  rmSync(folder, { recursive: true });
});

const startUpload = (): Running =>
  startTvm([
    ...['--data-dir', machine.dataDir, 'upload', path],
    ...['--type', 'application/octet-stream', '--json'],
  ]);

/** Returns the number of parts begun so far. The first `s3:PutObject` does not count: it began the multipart upload. */
const partsBegun = (): number =>
  machine.police.calls.filter(
    ({ functionName, action }) => functionName === 'uploads' && action === 's3:PutObject',
  ).length - 1;

test('an upload that was killed continues where it stopped, and repeats only the parts that were in progress', async () => {
  const first = startUpload();
  while (partsBegun() < SIZE / PART / 2) await machine.police.nextCall('uploads', 's3:PutObject');
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');

  const again = await startUpload().ended;
  expect(again).toMatchObject({ status: 0 });
  const { state, sent } = JSON.parse(again.stdout) as { state: string; sent: number };
  expect(state).toBe('published');
  const count = Math.ceil(SIZE / PART);
  expect(sent).toBeLessThan(SIZE * 0.75);
  expect(partsBegun() - count).toBeLessThanOrEqual(IN_FLIGHT);

  expect(JSON.parse((await startUpload().ended).stdout)).toMatchObject({ state: 'published', sent: 0 });
});
