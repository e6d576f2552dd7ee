import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { packageJson, projectRoot, read, section } from './markdown.ts';

const FOLDER = 'docs/adr';
const names = readdirSync(join(projectRoot, FOLDER)).filter((name) => /^\d/.test(name));

test('decisions are numbered without gaps and listed in order with their titles', () => {
  expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(names.map((_, index) => index + 1));

  const listed = [...read(`${FOLDER}/README.md`).matchAll(/^(\d+\. )\[(.+)\]\((.+)\)$/gm)];
  expect(listed.map(([, number, title, name]) => ({ name, heading: `# ${number}${title}` }))).toEqual(
    names.map((name) => ({ name, heading: read(join(FOLDER, name)).split('\n', 1)[0] })),
  );
});

test.each(names)('%s has a dated status, a context, a decision, and its cost', (name) => {
  const page = read(join(FOLDER, name));
  expect(page).toMatch(/^(Accepted|Superseded by \d+), \d{4}-\d{2}-\d{2}$/m);
  for (const heading of ['## Context', '## Decision', '## What it costs']) {
    expect(section(page, heading).trim()).not.toBe('');
  }
});

test('the decision on runtime dependencies covers every dependency', () => {
  const page = read(join(FOLDER, '0013-justify-every-runtime-dependency.md'));
  const undecided = Object.keys(packageJson().dependencies).filter((name) => !page.includes(`\`${name}\``));
  expect(undecided).toEqual([]);
});
