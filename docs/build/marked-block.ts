/**
 * Replaces the text between `<!-- begin NAME -->` and `<!-- end NAME -->` on a page.
 *
 * @throws Error if the page does not have both comments
 */
export function replaceBlock(page: string, name: string, content: string): string {
  const begin = `<!-- begin ${name} -->\n`;
  const end = `<!-- end ${name} -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`The page has no block "${name}"`);
  return `${page.slice(0, from + begin.length)}${content}\n${page.slice(to)}`;
}
