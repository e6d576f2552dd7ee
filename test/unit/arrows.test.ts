import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BIOME = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');

/** The imports that CONTRIBUTING.md rules out, and two that it allows, each from a file of its own. */
const IMPORTS: readonly (readonly [from: string, to: string, allowed: 'allowed' | 'forbidden'])[] = [
  ['lambda/domain/a.ts', 'lambda/http/b.ts', 'forbidden'],
  ['lambda/domain/c.ts', 'lib/b.ts', 'forbidden'],
  ['lambda/domain/d.ts', '@aws-sdk/client-s3', 'forbidden'],
  ['lambda/domain/e.ts', 'lambda/domain/b.ts', 'allowed'],
  ['lambda/views/a.ts', 'lambda/http/b.ts', 'forbidden'],
  ['lambda/adapters/a.ts', 'lambda/views/b.ts', 'forbidden'],
  ['lambda/http/a.ts', 'lambda/handlers/b.ts', 'forbidden'],
  ['lambda/handlers/a.ts', 'lambda/adapters/b.ts', 'forbidden'],
  ['lambda/entry/a.ts', 'laptop/src/b.ts', 'forbidden'],
  ['lib/a.ts', 'lambda/domain/b.ts', 'forbidden'],
  ['lib/c.ts', 'lambda/environment/b.ts', 'allowed'],
  ['cli/tvm/a.ts', 'lambda/domain/b.ts', 'forbidden'],
  ['cli/tvm/c.ts', 'laptop/src/b.ts', 'forbidden'],
  ['laptop/src/a.ts', 'lib/b.ts', 'forbidden'],
  ['laptop/test/a.ts', 'test/support/b.ts', 'forbidden'],
];

let folder: string;
let reported: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tvm-arrows-'));
  copyFileSync(join(ROOT, 'biome.json'), join(folder, 'biome.json'));
  for (const [from, to] of IMPORTS) {
    const path = relative(dirname(from), to);
    const specifier = to.startsWith('@') ? to : path.startsWith('.') ? path : `./${path}`;
    mkdirSync(join(folder, dirname(from)), { recursive: true });
    writeFileSync(join(folder, from), `import { b } from '${specifier}';\nexport const a = b;\n`);
  }
  const options = ['--vcs-enabled=false', '--only=style/noRestrictedImports', '--max-diagnostics=none'];
  const { stdout, stderr } = spawnSync(process.execPath, [BIOME, 'lint', ...options, '.'], {
    cwd: folder,
    encoding: 'utf8',
  });
  reported = stdout + stderr;
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each(IMPORTS)('the linter knows that %s → %s is %s', (from, _to, allowed) => {
  expect(reported.includes(`${from}:1`)).toBe(allowed === 'forbidden');
});
