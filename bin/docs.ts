/* Updates the generated parts of the documentation. */
import { readFileSync, writeFileSync } from 'node:fs';
import { generatedFiles } from '../docs/build/pages.ts';

for (const [path, update] of Object.entries(generatedFiles)) {
  const url = new URL(`../${path}`, import.meta.url);
  const before = readFileSync(url, 'utf8');
  const after = update(before);
  if (after !== before) writeFileSync(url, after);
  process.stdout.write(`${path}: ${after === before ? 'already up to date' : 'updated'}\n`);
}
