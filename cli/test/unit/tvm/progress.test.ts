import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { sizeText } from '../../../tvm/format.ts';
import type { Io } from '../../../tvm/io.ts';
import { createProgress } from '../../../tvm/progress.ts';
import { fakeIo, type Setting } from '../../support/in-process.ts';

/** Creates a progress bar for a megabyte. The test sets its clock, in milliseconds. */
function progressOf(setting: Setting, label = 'Uploading a.bin') {
  const fake = fakeIo(setting);
  const clock = { ms: 0 };
  const io: Io = { ...fake.io, now: () => new Date(clock.ms) };
  const progress = createProgress(io, label, 1_000_000, sizeText);
  const lines = () => stripVTControlCharacters(fake.stderr()).split('\r').filter(Boolean);
  return { progress, clock, lines, raw: fake.stderr };
}

describe('createProgress', () => {
  test('overwrites one line, and clears it at the end', () => {
    const { progress, clock, lines, raw } = progressOf('terminal');
    progress.advance(250_000);
    clock.ms = 100;
    progress.advance(750_000);
    progress.done();
    expect(lines()).toEqual([
      'Uploading a.bin  [######------------------]  25 %  250 KB of 1.0 MB',
      'Uploading a.bin  [########################] 100 %  1.0 MB of 1.0 MB',
    ]);
    expect(raw().endsWith('\r\u001b[2K')).toBe(true);
  });

  test('draws at most ten times a second', () => {
    const { progress, clock, lines } = progressOf('terminal');
    for (; clock.ms < 1000; clock.ms += 10) progress.advance(1);
    expect(lines()).toHaveLength(10);
  });

  test('moves backward if bytes have to be sent again', () => {
    const { progress, clock, lines } = progressOf('terminal');
    progress.advance(500_000);
    clock.ms = 100;
    progress.advance(-500_000);
    expect(lines().at(-1)).toContain('[------------------------]   0 %  0 bytes of 1.0 MB');
  });

  test('fits the width of the terminal, and escapes control characters', () => {
    const { progress, lines } = progressOf('terminal', `Uploading \u001b[2J${'long-'.repeat(40)}`);
    progress.advance(1);
    expect(lines()[0]?.length).toBeLessThanOrEqual(79);
    expect(lines()[0]).toContain('Uploading \\u{1b}[2Jlong-');
  });

  test('draws nothing without a terminal', () => {
    const { progress, raw } = progressOf('pipe');
    progress.advance(1_000_000);
    progress.done();
    expect(raw()).toBe('');
  });
});
