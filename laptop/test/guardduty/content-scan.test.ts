import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { strToU8, zipSync } from 'fflate';
import { scanContent } from '../../src/guardduty/content-scan.ts';
import { EICAR } from '../support/eicar.ts';

const CLEAN = { verdict: 'NO_THREATS_FOUND' };
const FOUND = { verdict: 'THREATS_FOUND', threats: ['EICAR-Test-File (not a virus)'] };

/** Scans bytes in chunks of the given size. */
function scan(bytes: Uint8Array | string, pieceSize = 64 * 1024) {
  const whole = Buffer.from(bytes);
  return scanContent(
    (async function* () {
      for (let at = 0; at < whole.length; at += pieceSize) yield whole.subarray(at, at + pieceSize);
    })(),
  );
}

describe('the built-in scanner', () => {
  test('finds the EICAR test file, alone or anywhere in a file', async () => {
    expect(await scan(EICAR)).toEqual(FOUND);
    expect(await scan(`${'a'.repeat(100_000)}${EICAR}${'b'.repeat(100_000)}`)).toEqual(FOUND);
  });

  test('finds no threat in other files or in an incomplete EICAR test file', async () => {
    expect(await scan('')).toEqual(CLEAN);
    expect(await scan('Dear Ada')).toEqual(CLEAN);
    expect(await scan(EICAR.slice(0, -1))).toEqual(CLEAN);
  });

  test('finds the EICAR test file even if it is split across chunks', async () => {
    const around = fc.string({ maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(around, around, fc.integer({ min: 1, max: 100 }), async (before, after, pieceSize) => {
        expect(await scan(before + EICAR + after, pieceSize)).toEqual(FOUND);
      }),
    );
  });

  test.each([0, 9] as const)(
    'finds the EICAR test file in a ZIP archive with compression level %d',
    async (level) => {
      const files = {
        'a.txt': strToU8('a'.repeat(10_000)),
        'eicar.com': strToU8(EICAR),
        'b.txt': strToU8('b'),
      };
      const archive = zipSync(files, { level });
      expect(await scan(archive)).toEqual(FOUND);
      expect(await scan(archive, 1)).toEqual(FOUND);
    },
  );

  test('scans the files in an archive separately', async () => {
    const files = { a: strToU8(EICAR.slice(0, 30)), b: strToU8(EICAR.slice(30)) };
    expect(await scan(zipSync(files, { level: 9 }))).toEqual(CLEAN);
  });

  test('reports a password-protected archive as unsupported', async () => {
    const archive = Buffer.from(zipSync({ a: strToU8('secret') }));
    archive[6] = 1;
    expect(await scan(archive)).toEqual({ verdict: 'UNSUPPORTED', reasons: ['PASSWORD_PROTECTED'] });
  });

  test('reports an archive with an extreme compression ratio as unsupported', async () => {
    const archive = zipSync({ zeros: new Uint8Array(50 * 1024 * 1024) }, { level: 9 });
    expect(await scan(archive)).toEqual({ verdict: 'UNSUPPORTED' });
  });

  test('scans a damaged archive as plain bytes', async () => {
    const archive = Buffer.from(zipSync({ a: strToU8('abc'.repeat(1000)) }, { level: 9 }));
    archive.fill(0xff, 40, 60);
    expect(await scan(archive)).toEqual(CLEAN);
    expect(await scan(Buffer.concat([archive, Buffer.from(EICAR)]))).toEqual(FOUND);
  });

  test.each([
    ['UNSUPPORTED', { verdict: 'UNSUPPORTED' }],
    ['ACCESS_DENIED', { verdict: 'ACCESS_DENIED' }],
    ['FAILED', { verdict: 'FAILED' }],
    ['NEVER', 'never'],
  ])('returns %s if a marker in the file requests it', async (outcome, result) => {
    expect(await scan(`first line\nLOCAL-MODE-SCAN: ${outcome}\n`)).toEqual(result);
  });

  test('does not accept a marker that requests a clean verdict', async () => {
    expect(await scan(`LOCAL-MODE-SCAN: NO_THREATS_FOUND\n${EICAR}`)).toEqual(FOUND);
  });
});
