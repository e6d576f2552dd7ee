import { afterAll, describe, expect, test } from '@jest/globals';
import { SandboxedStamper } from '../../../lambda/adapters/sandboxed-stamper.ts';
import { newTokenId } from '../../../lambda/domain/ids.ts';
import { deep, largeInside } from '../../support/bombs.ts';
import { stamperProgram } from '../../support/stamper-program.ts';

/* These tests run the deployed program in its own process. */

const { program, remove } = stamperProgram();
afterAll(remove);

const mark = { names: ['山田太郎'], tokenId: newTokenId('api'), at: new Date() };
const stamper = new SandboxedStamper(program, { cpuSeconds: 60, heapMb: 200, memoryMb: 1000 });

describe('a small file with', () => {
  test.each(Object.entries(largeInside))('%s is refused when it uses up the memory', async (_what, file) => {
    expect(await stamper.stamp(file(), mark)).toEqual({ ok: false, error: { code: 'pdf_too_complex' } });
  });

  test('millions of nested arrays is refused', async () => {
    expect(await stamper.stamp(deep(), mark)).toEqual({ ok: false, error: { code: 'pdf_unreadable' } });
  });
});
