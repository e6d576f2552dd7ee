/* Brings the parts of the manual that are made from the code up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { madePages } from '../cli/docs/pages.ts';

for (const [path, make] of Object.entries(madePages)) {
  const url = new URL(`../${path}`, import.meta.url);
  const page = readFileSync(url, 'utf8');
  const made = make(page);
  if (made !== page) writeFileSync(url, made);
  process.stdout.write(`${path} ${made === page ? 'is up to date' : 'is brought up to date'}\n`);
}
