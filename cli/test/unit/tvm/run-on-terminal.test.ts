import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const TVM = fileURLToPath(new URL('../../../../bin/tvm.ts', import.meta.url));

test('tvm prints no stack trace if it cannot write to standard output, for example because the disk is full', () => {
  const unwritable = openSync(TVM, 'r');
  const { status, stderr } = spawnSync(process.execPath, [TVM, '--help'], {
    stdio: ['ignore', unwritable, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(unwritable);
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: 'error: Standard output could not be written (EBADF).\n',
  });
});
