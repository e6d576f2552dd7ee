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
/** The only place where programs are found. */
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'programs-'));
  undoing(() => rmSync(dir, { recursive: true }));
});

/** Installs a program that stands for one of ClamAV: a shell script that keeps what it reads, and answers. */
function install(name: string, { probe = 0, says = '', exits = 0 }): void {
  const path = join(dir, name);
  const script = [
    '#!/bin/sh',
    `case "$1" in --ping|--version) exit ${probe};; esac`,
    `echo "$*" > ${path}.arguments`,
    `/bin/cat > ${path}.stdin`,
    `echo '${says}'`,
    `exit ${exits}`,
  ];
  writeFileSync(path, script.join('\n'));
  chmodSync(path, 0o755);
}

const find = () => findScanner({ PATH: dir });

const scan = async (content: string) =>
  (await find()).scan(() => Promise.resolve(Readable.from([Buffer.from(content)])), NEVER_ABORTED);

describe('without ClamAV', () => {
  test('the scanner says that it knows only the EICAR test file', async () => {
    expect((await find()).name).toBe('the EICAR test file only; install ClamAV to find more');
    expect(await scan('content')).toEqual({ verdict: 'NO_THREATS_FOUND' });
    expect(await scan(EICAR)).toMatchObject({ verdict: 'THREATS_FOUND' });
  });
});

describe('with ClamAV', () => {
  test('the scanner gives it the bytes that are clean so far', async () => {
    install('clamscan', { says: 'stdin: OK' });
    expect((await find()).name).toBe('ClamAV (clamscan)');
    expect(await scan('content')).toEqual({ verdict: 'NO_THREATS_FOUND' });
    expect(readFileSync(join(dir, 'clamscan.stdin'), 'utf8')).toBe('content');
    expect(readFileSync(join(dir, 'clamscan.arguments'), 'utf8')).toBe(
      '--no-summary --stdout --alert-encrypted=yes -\n',
    );
  });

  test('its daemon is preferred if it runs', async () => {
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
      'an archive with a password',
      'stdin: Heuristics.Encrypted.Zip FOUND',
      1,
      { verdict: 'UNSUPPORTED', reasons: ['PASSWORD_PROTECTED'] },
    ],
    ['an error', 'ERROR: cannot read', 2, { verdict: 'FAILED' }],
    ['a status without a threat', '', 1, { verdict: 'FAILED' }],
  ])('its answer about %s becomes the result', async (_, says, exits, result) => {
    install('clamscan', { says, exits });
    expect(await scan('content')).toEqual(result);
  });

  test('it calls no file clean that it got only a part of', async () => {
    install('clamscan', { says: 'stdin: OK' });
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

  test('a marker in the file still chooses the outcome', async () => {
    install('clamscan', { says: 'stdin: OK' });
    expect(await scan('LOCAL-MODE-SCAN: NEVER')).toBe('never');
  });
});
