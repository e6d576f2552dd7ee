import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { findServer, serverNames } from './find-server.ts';

/*
 * Runs the recipes of docs/networks/ in the real servers. A server that cannot be had is named, and fails
 * nothing: a machine without network has to be able to test the rest.
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const found: Record<string, string> = {};
for (const name of serverNames) {
  try {
    found[name] = await findServer(name);
  } catch (error) {
    const lines = error instanceof Error ? error.message.trim().split('\n') : [];
    console.error(`NOT TESTED: ${name}, which is neither installed nor to be had: ${lines.at(-1) ?? error}`);
  }
}
for (const [name, path] of Object.entries(found)) console.log(`Testing the recipe for ${name} with ${path}`);

if (Object.keys(found).length > 0) {
  const jest = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
  ];
  const child = spawn(
    process.execPath,
    [...jest, '--config', 'jest.proxies.config.js', ...process.argv.slice(2)],
    {
      cwd: ROOT,
      stdio: 'inherit',
      env: { ...process.env, TVM_PROXIES: JSON.stringify(found) },
    },
  );
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
}
