import { writeFileSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import { SandboxedStamper, type StampLimits } from '../../../lambda/adapters/sandboxed-stamper.ts';
import { newTokenId } from '../../../lambda/domain/ids.ts';
import type { Mark } from '../../../lambda/domain/watermark.ts';
import { slow } from '../../support/bombs.ts';
import { encryptedPdf, samplePdf } from '../../support/pdfs.ts';
import { stamperProgram } from '../../support/stamper-program.ts';

/* These tests run the deployed program in its own process. */

const mark: Mark = { names: ['山田太郎'], tokenId: newTokenId('api'), at: new Date() };
const LIMITS: StampLimits = { cpuSeconds: 60, heapMb: 200, memoryMb: 1000 };

const { program, remove } = stamperProgram();
afterAll(remove);

const stamper = (limits: Partial<StampLimits> = {}) =>
  new SandboxedStamper(program, { ...LIMITS, ...limits });

test('the sandbox returns stamped copies and refusals', async () => {
  const copy = await stamper().stamp(await samplePdf(), mark);
  expect(copy.ok && copy.value.subarray(0, 5)).toEqual(Buffer.from('%PDF-'));
  const refused = await stamper().stamp(await encryptedPdf(), mark);
  expect(refused).toEqual({ ok: false, error: { code: 'pdf_encrypted' } });
});

test('a small file that takes minutes to read is refused when it uses up the CPU time', async () => {
  const refused = await stamper({ cpuSeconds: 1 }).stamp(slow(), mark);
  expect(refused).toEqual({ ok: false, error: { code: 'pdf_too_complex' } });
});

test('the program gets the stamp and the library path, but no credentials', async () => {
  const shown = new URL('shown.mjs', program);
  writeFileSync(shown, 'process.stdout.write(JSON.stringify(process.env));');
  const environment = await new SandboxedStamper(shown, LIMITS, '/var/lang/lib').stamp(Buffer.alloc(0), mark);
  expect(environment.ok && JSON.parse(environment.value.toString())).toMatchObject({
    LD_LIBRARY_PATH: '/var/lang/lib',
    MARK: JSON.stringify(mark),
  });
  expect(environment.ok && environment.value.toString()).not.toMatch(/AWS_|NODE_COMPILE_CACHE/);
});

test('the stamper throws if its program does not start, instead of refusing the file', async () => {
  const missing = new SandboxedStamper(new URL('missing.mjs', program), LIMITS);
  await expect(missing.stamp(await samplePdf(), mark)).rejects.toThrow('The stamper exited with 1');
});
