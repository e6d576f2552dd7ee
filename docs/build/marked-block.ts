const markdown = (text: string): string => `<!-- ${text} -->`;

/**
 * Replaces the text between the comments `begin NAME` and `end NAME` on a page.
 *
 * @param comment formats a comment in the page's language
 * @throws Error if the page does not have both comments
 */
export function replaceBlock(page: string, name: string, content: string, comment = markdown): string {
  const begin = `${comment(`begin ${name}`)}\n`;
  const end = comment(`end ${name}`);
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`The page has no block "${name}"`);
  return `${page.slice(0, from + begin.length)}${content}\n${page.slice(to)}`;
}
