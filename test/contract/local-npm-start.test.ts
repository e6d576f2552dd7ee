import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from '@jest/globals';

const folder = mkdtempSync(join(tmpdir(), 'local-npm-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('local mode stops when the npm process that started it gets SIGTERM', async () => {
  const npm = spawn('npm', ['start', '--', '--port', '0', '--data-dir', folder], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  await new Promise<void>((resolve) => {
    npm.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Ctrl-C')) resolve();
    });
  });
  npm.kill('SIGTERM');
  // The program shares npm's standard output, which closes only when both processes have ended.
  await once(npm, 'close');
  expect(said).toContain('Stopping');
  expect(existsSync(join(folder, 'endpoints.json'))).toBe(false);
  expect(existsSync(join(folder, 'lock.json'))).toBe(false);
});
