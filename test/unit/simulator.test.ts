import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { packageJson, projectRoot, read } from './docs/markdown.ts';

/* Its licence is the AGPL: nothing of it may be deployed (docs/adr/0014-enforce-iam-policies-in-local-mode.md). */
const SIMULATOR = '@cloud-copilot/';

test('the policy simulator is no dependency of what is deployed', () => {
  expect(Object.keys(packageJson().dependencies).filter((name) => name.startsWith(SIMULATOR))).toEqual([]);
});

test('one file of the laptop imports the policy simulator, and no other file does', () => {
  const importing = ['bin', 'cli', 'lambda', 'lib', 'laptop/src'].flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((path) => path.endsWith('.ts') && read(path).includes(SIMULATOR)),
  );
  expect(importing).toEqual(['laptop/src/iam/evaluate.ts']);
});
