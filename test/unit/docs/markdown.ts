import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that README.md lies in. */
export const projectRoot = fileURLToPath(new URL('../../..', import.meta.url));

/** The text of a file, by its path from the project's root. */
export const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8');

/** What these tests ask of package.json. */
export const packageJson = () =>
  JSON.parse(read('package.json')) as {
    readonly version: string;
    readonly scripts: Readonly<Record<string, string>>;
    readonly dependencies: Readonly<Record<string, string>>;
  };

/** The part of a page under one heading, up to the next of its level or above. */
export function section(page: string, heading: string): string {
  const start = page.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`There is no section "${heading}"`);
  const body = page.slice(start + heading.length + 2);
  const end = body.search(new RegExp(`^#{1,${heading.indexOf(' ')}} `, 'm'));
  return end < 0 ? body : body.slice(0, end);
}

/** The tables in a text, each as rows of cells, without their heads. */
export function tables(text: string): string[][][] {
  const found = text.match(/(?:^\|.*\n)+/gm) ?? [];
  return found.map((table) => table.trim().split('\n').slice(2).map(cells));
}

const cells = (line: string): string[] =>
  line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());

/** A cell without its code marks. */
export const plain = (cell = ''): string => cell.replace(/^`([^`]*)`$/, '$1');

/** The anchors that GitHub gives the headings of a page. */
export function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Where the links and pictures of a page lead. */
export function linksIn(page: string): string[] {
  const prose = page.replace(/```[\s\S]*?```/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)|<img[^>]*\ssrc="([^"]+)"/g)].map(
    ([, link, picture]) => link ?? picture ?? '',
  );
}
