import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readCommandLine } from '../src/command-line.ts';
import { type DataDir, openDataDir } from '../src/data-dir.ts';
import { LaptopError } from '../src/laptop-error.ts';

let parent: string;
let path: string;
let open: DataDir | undefined;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'data-dir-'));
  path = join(parent, '.local');
});
afterEach(() => {
  open?.release();
  rmSync(parent, { recursive: true });
});

const start = (how: 'keep' | 'fresh' = 'keep'): DataDir => {
  open = openDataDir(path, 'stack', how);
  return open;
};

/** Starts a process that keeps running and another that exits, and waits until the second one has exited. */
async function processes(): Promise<{ running: number; gone: number; end(): Promise<void> }> {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
  const over = spawn(process.execPath, ['-e', '']);
  await once(over, 'exit');
  return {
    running: child.pid ?? 0,
    gone: over.pid ?? 0,
    end: async () => {
      child.kill();
      await once(child, 'exit');
    },
  };
}

describe('the data folder', () => {
  test('a data folder is created if it does not exist, and its contents survive a restart', () => {
    writeFileSync(start().of('data'), 'x');
    open?.release();
    expect(readFileSync(start().of('data'), 'utf8')).toBe('x');
  });

  test('an existing empty folder can be used as the data folder', () => {
    mkdirSync(path);
    expect(existsSync(start().path)).toBe(true);
  });

  test.each(['keep', 'fresh'] as const)("a folder with another program's files is rejected (%s)", (how) => {
    mkdirSync(path);
    writeFileSync(join(path, 'thesis.tex'), 'x');
    expect(() => start(how)).toThrow(LaptopError);
    expect(readdirSync(path)).toEqual(['thesis.tex']);
  });

  test('a file is rejected as the data folder', () => {
    writeFileSync(path, 'x');
    expect(() => start()).toThrow(LaptopError);
  });

  test('a fresh start wipes the data folder', () => {
    mkdirSync(start().of('s3', 'bucket'), { recursive: true });
    open?.release();
    start('fresh');
    expect(existsSync(join(path, 's3'))).toBe(false);
    open?.release();
    expect(() => start()).not.toThrow();
  });

  test('a data folder with a different layout is rejected unless --fresh is given', () => {
    start().release();
    writeFileSync(join(path, 'stack.json'), '{"layout":0}');
    expect(() => start()).toThrow('--fresh');
    expect(() => start('fresh')).not.toThrow();
  });

  test('the error suggests --data-dir if the folder cannot be created', () => {
    writeFileSync(path, '');
    expect(() => openDataDir(join(path, 'below'), 'stack', 'keep')).toThrow('--data-dir');
  });
});

describe('the lock', () => {
  test.each(['keep', 'fresh'] as const)(
    'a second start with the same folder fails, and the error names the process that uses the folder (%s)',
    (how) => {
      writeFileSync(start().of('data'), 'x');
      expect(() => openDataDir(path, 'stack', how)).toThrow(
        `Process ${process.pid} is already using ${path}`,
      );
      expect(existsSync(join(path, 'data'))).toBe(true);
    },
  );

  test('the lock is released when local mode stops', () => {
    start().release();
    expect(() => start()).not.toThrow();
  });

  test('a lock is ignored once its process has exited', async () => {
    const { running, gone, end } = await processes();
    start().release();
    const lock = join(path, 'lock.json');
    writeFileSync(lock, JSON.stringify({ pid: running }));
    expect(() => start()).toThrow(`Process ${running} is already using`);
    await end();
    expect(() => start()).not.toThrow();
    open?.release();
    writeFileSync(lock, JSON.stringify({ pid: gone }));
    expect(() => start()).not.toThrow();
  });

  test('an incomplete lock is ignored', () => {
    start().release();
    writeFileSync(join(path, 'lock.json'), '{"pi');
    expect(() => start()).not.toThrow();
  });
});

describe('the command line', () => {
  test('by default, the data folder is .local and no port is set', () => {
    expect(readCommandLine([], 'npm start --')).toEqual({
      kind: 'start',
      options: { dataDir: '.local', start: 'keep', options: {} },
    });
  });

  test('the port, the data folder, a fresh start, and deploy options can be specified', () => {
    const args = [
      '--port',
      '0',
      '--data-dir',
      'x',
      '--fresh',
      '-c',
      'stage=prod',
      '-c',
      'senderEmail=a=b@example.org',
    ];
    expect(readCommandLine(args, 'npm start --')).toEqual({
      kind: 'start',
      options: {
        dataDir: 'x',
        start: 'fresh',
        port: 0,
        options: { stage: 'prod', senderEmail: 'a=b@example.org' },
      },
    });
  });

  test.each([
    [['--port', 'abc'], 'Invalid --port'],
    [['--port', '65536'], 'Invalid --port'],
    [['-c', 'stage'], 'Invalid -c: "stage"'],
    [['--prot', '1'], "'--prot'"],
    [['extra'], "'extra'"],
  ])('the error for %j names the invalid argument', (args, message) => {
    expect(() => readCommandLine(args, 'npm start --')).toThrow(message);
    expect(() => readCommandLine(args, 'npm start --')).toThrow(LaptopError);
  });

  test('--help returns the help text', () => {
    expect(readCommandLine(['--help'], 'npm start --')).toEqual({
      kind: 'help',
      usage: expect.stringContaining('npm start -- [options]'),
    });
  });
});
