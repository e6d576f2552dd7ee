import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = fileURLToPath(new URL('../../..', import.meta.url));

/** Returns the text of a file, given its path relative to the project root. */
export const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8');

/** Returns the fields of package.json that these tests read. */
export const packageJson = () =>
  JSON.parse(read('package.json')) as {
    readonly version: string;
    readonly scripts: Readonly<Record<string, string>>;
    readonly dependencies: Readonly<Record<string, string>>;
  };

/** Returns the part of a page under a heading, up to the next heading of the same or a higher level. */
export function section(page: string, heading: string): string {
  const start = page.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`The page has no section "${heading}"`);
  const body = page.slice(start + heading.length + 2);
  const end = body.search(new RegExp(`^#{1,${heading.indexOf(' ')}} `, 'm'));
  return end < 0 ? body : body.slice(0, end);
}

/** Returns the tables in a text as rows of cells, without their header rows. */
export function tables(text: string): string[][][] {
  const found = text.match(/(?:^\|.*\n)+/gm) ?? [];
  return found.map((table) => table.trim().split('\n').slice(2).map(cells));
}

const cells = (line: string): string[] =>
  line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());

/** Returns a cell without its backticks. */
export const plain = (cell = ''): string => cell.replace(/^`([^`]*)`$/, '$1');

/** Returns the anchors that GitHub gives to the headings of a page. */
export function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Returns the targets of a page's links and images. */
export function linksIn(page: string): string[] {
  const prose = page.replace(/```[\s\S]*?```/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)|<img[^>]*\ssrc="([^"]+)"/g)].map(
    ([, link, picture]) => link ?? picture ?? '',
  );
}
