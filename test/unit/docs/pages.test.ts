import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { anchorsOf, linksIn, packageJson, projectRoot, read } from './markdown.ts';

const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', 'bench/README.md'],
  ...readdirSync(join(projectRoot, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

describe.each(pages)('%s', (page) => {
  const text = read(page);

  test('has no broken link', () => {
    const broken = linksIn(text).filter((link) => !/^https?:/.test(link) && !leadsSomewhere(page, link));
    expect(broken).toEqual([]);
  });

  test('names only files that exist', () => {
    const named = [...text.matchAll(/`((?:bin|cli|docs|lambda|laptop|lib|test)\/[\w./-]*)`/g)];
    expect(named.map(([, path = '']) => path).filter((path) => !existsSync(join(projectRoot, path)))).toEqual(
      [],
    );
  });

  // At its prompt, zsh takes `#` for a word, `$NAME:e` for a file extension, and `${NAME:+-H "a"}` for one argument.
  test('has only commands that zsh, the shell of macOS, runs as bash does', () => {
    const blocks = [...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)].map(([, block = '']) => block);
    const lines = blocks.flatMap((block) => block.split('\n'));
    expect(lines.filter((line) => /(^|\s)#(\s|$)|\$\w+:[a-z]|\$\{\w+:\+[^"\s}]+\s/i.test(line))).toEqual([]);
  });

  test('names only npm scripts that exist', () => {
    const printed = [...text.matchAll(/\bnpm run ([\w:]+)/g)].map(([, name = '']) => name);
    expect(printed.filter((name) => !(name in packageJson().scripts))).toEqual([]);
  });
});

test('CHANGELOG.md begins with the version in package.json', () => {
  const [, newest] = /^## \[([^\]]+)\]/m.exec(read('CHANGELOG.md')) ?? [];
  expect(newest).toBe(packageJson().version);
});

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : relative(projectRoot, join(projectRoot, dirname(page), path));
  if (!existsSync(join(projectRoot, target))) return false;
  return anchor === undefined || anchorsOf(read(target)).includes(anchor);
}
