import { Crc32, Crc32c, Crc64Nvme } from '@aws-sdk/checksums/crc';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { combineCrcs } from '../../src/s3/multipart/combine-crcs.ts';

async function digestOf(Algorithm: typeof Crc32 | typeof Crc32c | typeof Crc64Nvme, bytes: Uint8Array) {
  const digest = new Algorithm();
  digest.update(bytes);
  return Buffer.from(await digest.digest());
}

describe('combineCrcs', () => {
  test.each([
    ['crc32', Crc32],
    ['crc32c', Crc32c],
    ['crc64nvme', Crc64Nvme],
  ] as const)('returns the %s of the concatenated parts', async (name, Algorithm) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1 }), async (parts) => {
        const crcs = await Promise.all(
          parts.map(async (bytes) => ({ size: bytes.length, digest: await digestOf(Algorithm, bytes) })),
        );
        const whole = await digestOf(Algorithm, Buffer.concat(parts));
        expect(combineCrcs(name, crcs).toString('hex')).toBe(whole.toString('hex'));
      }),
    );
  });

  test('accepts sizes of more than 32 bits', () => {
    const digest = Buffer.from('1122334455667788', 'hex');
    const half = { size: 2 ** 32, digest: Buffer.alloc(8) };
    const zero = { size: 0, digest: Buffer.alloc(8) };
    const twice = combineCrcs('crc64nvme', [{ size: 0, digest }, half, half]);
    expect(twice).toEqual(
      combineCrcs('crc64nvme', [
        { size: 0, digest },
        { ...zero, size: 2 ** 33 },
      ]),
    );
    expect(twice).not.toEqual(combineCrcs('crc64nvme', [{ size: 0, digest }, zero]));
  });

  test('rejects algorithms that are not CRCs', () => {
    expect(() => combineCrcs('sha256', [])).toThrow('sha256 checksums cannot be combined');
  });
});
