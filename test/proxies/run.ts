import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findServer, serverNames } from './find-server.ts';

/*
 * Tests the recipes in docs/networks/ with real servers, and opens stamped PDFs in Poppler. A missing program is
 * reported, but is not a failure, so that machines without network access can test the rest.
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const POPPLER = 'pdftoppm';

const found: Record<string, string> = {};
for (const name of serverNames) {
  try {
    found[name] = await findServer(name);
  } catch (error) {
    console.error(
      `NOT TESTED: ${name}, which is neither installed nor available from Debian: ${lastLineOf(error)}`,
    );
  }
}
for (const [name, path] of Object.entries(found)) console.log(`Testing the recipe for ${name} with ${path}`);

const files: string[] = Object.keys(found).length > 0 ? ['reverse-proxies', 'own-host-names'] : [];
try {
  await promisify(execFile)(POPPLER, ['-v']);
  files.push('poppler');
} catch (error) {
  console.error(`NOT TESTED: Poppler, which is not installed (poppler-utils): ${lastLineOf(error)}`);
}

if (files.length > 0) {
  const child = spawn(
    process.execPath,
    [
      ...['node_modules/jest/bin/jest.js', '--config', 'jest.proxies.config.js'],
      ...['--testPathPatterns', ...files.map((each) => `${each}.proxies`)],
      ...process.argv.slice(2),
    ],
    { cwd: ROOT, stdio: 'inherit', env: { ...process.env, TVM_PROXIES: JSON.stringify(found) } },
  );
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
}

function lastLineOf(error: unknown): unknown {
  return error instanceof Error ? error.message.trim().split('\n').at(-1) : error;
}
