import { expect, test } from '@jest/globals';
import { newTokenId } from '../../lambda/domain/ids.ts';
import { hardPages } from '../support/hard-pages.ts';
import { pdfStamper } from '../support/pdfs.ts';
import { everyPart, inPoppler, stampedParts } from '../support/readers.ts';

const read = inPoppler('pdftoppm');
const mark = { names: ['ada@example.org'], tokenId: newTokenId('api'), at: new Date() };

test.each(Object.entries(hardPages))('Poppler shows the stamp on a page with %s', async (_what, page) => {
  const copy = await pdfStamper().stamp(await page(), mark);
  if (!copy.ok) throw new Error(copy.error.code);
  expect(stampedParts(await read(copy.value))).toEqual(everyPart);
});
