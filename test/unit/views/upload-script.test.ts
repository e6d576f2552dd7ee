import { createContext, runInContext } from 'node:vm';
import { Crc64Nvme } from '@aws-sdk/checksums/crc';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { render } from '../../../lambda/views/html.ts';
import { crc64Script } from '../../../lambda/views/upload-script.ts';

const sandbox = createContext({ btoa });
runInContext(
  `${render(crc64Script)}
function crcOf(slices){var crc=startCrc();slices.forEach(function(slice){addToCrc(crc,slice)});return endCrc(crc)}`,
  sandbox,
);

/** Returns the base64 checksum that the upload page's script computes slice by slice. */
function crcOf(slices: readonly Uint8Array[]): string {
  sandbox.slices = slices;
  return String(runInContext('crcOf(slices)', sandbox));
}

const hexOf = (text: string) => Buffer.from(crcOf([Buffer.from(text)]), 'base64').toString('hex');

describe('the CRC-64/NVME of the upload page', () => {
  test.each([
    ['123456789', 'ae8b14860a799888'],
    ['', '0000000000000000'],
  ])('the checksum of "%s" is %s, as in the catalog of CRC algorithms', (text, checksum) => {
    expect(hexOf(text)).toBe(checksum);
  });

  test('the checksum of any bytes, split anywhere, equals the one that the SDK computes', async () => {
    const slices = fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(slices, async (parts) => {
        const theirs = new Crc64Nvme();
        theirs.update(Buffer.concat(parts));
        expect(crcOf(parts)).toBe(Buffer.from(await theirs.digest()).toString('base64'));
      }),
    );
  });
});
