import { describe, expect, test } from '@jest/globals';
import { readBenchCommand } from '../../bench/command-line.ts';

const read = (...args: readonly string[]) => readBenchCommand(args, ['cold', 'warm']);

describe('readBenchCommand', () => {
  test('runs all parts unless some are named', () => {
    expect(read()).toMatchObject({ kind: 'run', parts: ['cold', 'warm'], rounds: 15 });
    expect(read('warm', '--rounds', '5')).toMatchObject({ kind: 'run', parts: ['warm'], rounds: 5 });
  });

  test('prints the usage with the names of all parts for --help', () => {
    expect(read('--help')).toEqual({ kind: 'help', usage: expect.stringContaining('cold, warm') });
  });

  test.each([
    [['--fast'], "Unknown option '--fast'"],
    [['tepid'], 'Unknown part: tepid.'],
    [['--rounds', 'many'], 'Invalid --rounds: "many".'],
    [['--rounds', '0'], 'Invalid --rounds: "0".'],
  ])('explains what is wrong with %j, above the usage', (args, message) => {
    const command = read(...args);
    expect(command).toEqual({ kind: 'wrong', message: expect.stringContaining(message) });
    expect(command).toEqual({ kind: 'wrong', message: expect.stringContaining('npm run bench --') });
  });
});
