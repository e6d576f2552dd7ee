import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { findScanner } from '../../src/guardduty/scanner.ts';
import { afterwards } from '../support/afterwards.ts';
import { EICAR } from '../support/eicar.ts';

const undoing = afterwards();
const NEVER_ABORTED = new AbortController().signal;
/** The only folder on the `PATH`. */
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'programs-'));
  undoing(() => rmSync(dir, { recursive: true }));
});

/** Installs a fake ClamAV program: a shell script that saves its input and prints a result. */
function install(name: string, { probe = 0, prints = '', exits = 0 }): void {
  const path = join(dir, name);
  const script = [
    '#!/bin/sh',
    `case "$1" in --ping|--version) exit ${probe};; esac`,
    `echo "$*" > ${path}.arguments`,
    `/bin/cat > ${path}.stdin`,
    `echo '${prints}'`,
    `exit ${exits}`,
  ];
  writeFileSync(path, script.join('\n'));
  chmodSync(path, 0o755);
}

const find = () => findScanner({ PATH: dir });

const scan = async (content: string) =>
  (await find()).scan(() => Promise.resolve(Readable.from([Buffer.from(content)])), NEVER_ABORTED);

describe('the scanner without ClamAV', () => {
  test('reports that it finds only the EICAR test file', async () => {
    expect((await find()).name).toBe('limited to the EICAR test file; install ClamAV to find more');
    expect(await scan('content')).toEqual({ verdict: 'NO_THREATS_FOUND' });
    expect(await scan(EICAR)).toMatchObject({ verdict: 'THREATS_FOUND' });
  });
});

describe('the scanner with ClamAV', () => {
  test('runs ClamAV on every file in which the built-in scanner finds nothing', async () => {
    install('clamscan', { prints: 'stdin: OK' });
    expect((await find()).name).toBe('ClamAV (clamscan)');
    expect(await scan('content')).toEqual({ verdict: 'NO_THREATS_FOUND' });
    expect(readFileSync(join(dir, 'clamscan.stdin'), 'utf8')).toBe('content');
    expect(readFileSync(join(dir, 'clamscan.arguments'), 'utf8')).toBe(
      '--no-summary --stdout --alert-encrypted=yes -\n',
    );
  });

  test('prefers the ClamAV daemon if it is running', async () => {
    install('clamscan', {});
    install('clamdscan', { probe: 21 });
    expect((await find()).name).toBe('ClamAV (clamscan)');
    install('clamdscan', { probe: 0 });
    expect((await find()).name).toBe('ClamAV (clamdscan)');
  });

  test.each([
    [
      'a threat',
      'stdin: Win.Test.EICAR_HDB-1 FOUND',
      1,
      { verdict: 'THREATS_FOUND', threats: ['Win.Test.EICAR_HDB-1'] },
    ],
    [
      'a password-protected archive',
      'stdin: Heuristics.Encrypted.Zip FOUND',
      1,
      { verdict: 'UNSUPPORTED', reasons: ['PASSWORD_PROTECTED'] },
    ],
    ['an error', 'ERROR: cannot read', 2, { verdict: 'FAILED' }],
    ['a status without a threat', '', 1, { verdict: 'FAILED' }],
  ])("returns ClamAV's result for %s", async (_, prints, exits, result) => {
    install('clamscan', { prints, exits });
    expect(await scan('content')).toEqual(result);
  });

  test('does not report a file as clean if ClamAV read only part of it', async () => {
    install('clamscan', { prints: 'stdin: OK' });
    let reads = 0;
    const read = async () =>
      Readable.from(
        (function* () {
          yield Buffer.from('content');
          reads += 1;
          if (reads === 2) throw new Error('cut off');
        })(),
      );
    expect(await (await find()).scan(read, NEVER_ABORTED)).toEqual({ verdict: 'FAILED' });
  });

  test('still obeys a marker in the file', async () => {
    install('clamscan', { prints: 'stdin: OK' });
    expect(await scan('LOCAL-MODE-SCAN: NEVER')).toBe('never');
  });
});
