import { mkdtempSync, realpathSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from '@jest/globals';
import { EXIT_CODES } from '../../tvm/exit-codes.ts';
import { runProgram } from '../../tvm/program.ts';
import { FakeUploads, SECRET } from './fake-uploads.ts';
import { fakeIo, type Ran, type Setting } from './in-process.ts';

export const MEBIBYTE = 1024 * 1024;
/** The size of a sparse file of five parts. The last part is smaller. */
export const LARGE = 65 * MEBIBYTE + 1;

/** Returns commands and files for tests. Each test has its own fake and folder. No test may print a URL. */
export function uploadCommands() {
  let current: FakeUploads;
  let folder: string;
  const printed: string[] = [];

  beforeEach(async () => {
    current = await FakeUploads.start();
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'tvm-uploads-')));
  });
  afterEach(async () => {
    rmSync(folder, { recursive: true });
    await current.close();
    expect(printed.splice(0).join('\n')).not.toContain(SECRET);
  });

  const pathOf = (name: string) => join(folder, name);
  function fileOf(name: string, content: string, size = content.length): string {
    writeFileSync(pathOf(name), content);
    truncateSync(pathOf(name), size);
    return pathOf(name);
  }

  return {
    fake: () => current,
    pathOf,
    fileOf,
    largeFile: () => fileOf('film.mp4', 'large', LARGE),
    smallFile: () => fileOf('report.pdf', '%PDF-1.7 report'),
    objectId: () => `d${current.only.uploadId.slice(1)}`,
    /** Runs a command with the fake, on a clock that moves only when the command waits. */
    tvm: async (
      args: readonly string[],
      setting: Setting = 'pipe',
    ): Promise<Ran & { readonly waited: number }> => {
      const { io, stdout, stderr } = fakeIo(setting);
      const started = io.now().getTime();
      const status = await runProgram(['--data-dir', current.dataDir, ...args], io);
      printed.push(stdout(), stderr());
      const waited = (io.now().getTime() - started) / 1000;
      return { status, stdout: stdout(), stderr: stderr(), waited };
    },
  };
}

export const statusOf = (ending: keyof typeof EXIT_CODES) => EXIT_CODES[ending].status;
