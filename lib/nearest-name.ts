/** Characters per tolerated typo. A name with more typos is a different name. */
const CHARACTERS_PER_MISTAKE = 3;

/**
 * Returns the most similar name, ignoring case.
 *
 * @returns `undefined` if none is similar
 */
export function nearestName<Name extends string>(written: string, names: readonly Name[]): Name | undefined {
  const plain = plainly(written);
  const [best] = names
    .map((name) => ({ name, changes: changesBetween(plain, plainly(name)) }))
    .filter(({ name, changes }) => changes <= name.length / CHARACTERS_PER_MISTAKE)
    .toSorted((a, b) => a.changes - b.changes);
  return best?.name;
}

/** Returns the same text for all spellings of a name: `stack-name`, `STACK_NAME`, `stackName`. */
const plainly = (name: string): string => name.toLowerCase().replaceAll(/[-_]/g, '');

/** Returns the number of characters to add, remove, or replace (the Levenshtein distance). */
function changesBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, character] of [...from].entries()) {
    const next = [index + 1];
    for (const [column, wanted] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (character === wanted ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
