import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { packageJson, projectRoot, read } from './markdown.ts';

const FOLDER = '.github/workflows';
const workflows = readdirSync(join(projectRoot, FOLDER)).map((name) => join(FOLDER, name));

describe.each(workflows)('%s', (path) => {
  const text = read(path);

  test('uses actions by the full hash of a commit, with the version beside it', () => {
    const used = [...text.matchAll(/uses: (.*)$/gm)].map(([, action = '']) => action);
    expect(used.length).toBeGreaterThan(0);
    for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test('holds no key and asks for no stored one', () => {
    expect(text).not.toMatch(/secrets\.|aws-access-key-id|AKIA/);
  });

  test('starts with the right to read the code and nothing else of the repository', () => {
    const [, granted = ''] = /^permissions:\n((?: {2}.*\n)+)/m.exec(text) ?? [];
    const rights = granted.trim().split(/\n\s*/);
    expect(rights.filter((right) => right !== 'contents: read' && right !== 'id-token: write')).toEqual([]);
  });

  test('puts nothing that a stranger wrote into a command', () => {
    const commands = [...text.matchAll(/run: (?:\|\n((?: {10}.*\n)+)|(.*))/g)].map(([command]) => command);
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands) expect(command).not.toContain('${{');
  });

  test('runs npm scripts only that there are', () => {
    const run = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name);
    expect(run.filter((name) => !(name in packageJson().scripts))).toEqual([]);
  });
});

test('one action has one version in all workflows', () => {
  const pinned = workflows.flatMap((path) => [...read(path).matchAll(/uses: ([^@\n]+)@(\S+)/g)]);
  const versions = new Map<string, Set<string>>();
  for (const [, action = '', hash = ''] of pinned) {
    versions.set(action, (versions.get(action) ?? new Set()).add(hash));
  }
  for (const [action, hashes] of versions)
    expect({ action, versions: hashes.size }).toEqual({ action, versions: 1 });
});
