import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { projectRoot, read } from './docs/markdown.ts';

/* The policy simulator is under the AGPL, so none of it may be deployed (docs/adr/0014-enforce-iam-policies-in-local-mode.md). */
const SIMULATOR = '@cloud-copilot/';

test('nothing outside laptop/ depends on the policy simulator or imports it', () => {
  const sources = ['bin', 'cli', 'lambda', 'lib'].flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((path) => path.endsWith('.ts')),
  );
  expect(['package.json', ...sources].filter((path) => read(path).includes(SIMULATOR))).toEqual([]);
});
