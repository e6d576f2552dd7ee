import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url));

test('only one file imports the policy simulator, which is licensed under the AGPL', () => {
  const importing = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && readFileSync(SOURCES + path, 'utf8').includes('@cloud-copilot/'),
  );
  expect(importing).toEqual(['iam/evaluate.ts']);
});
