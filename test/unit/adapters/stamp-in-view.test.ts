import { describe, expect, test } from '@jest/globals';
import { newTokenId } from '../../../lambda/domain/ids.ts';
import { hardPages } from '../../support/hard-pages.ts';
import { pdfStamper } from '../../support/pdfs.ts';
import { everyPart, readers, stampedParts } from '../../support/readers.ts';

const mark = { names: ['ada@example.org'], tokenId: newTokenId('api'), at: new Date() };

describe.each(Object.entries(readers))('%s shows the stamp on a page with', (_name, read) => {
  test.each(Object.entries(hardPages))('%s', async (_what, page) => {
    const copy = await pdfStamper().stamp(await page(), mark);
    if (!copy.ok) throw new Error(copy.error.code);
    expect(stampedParts(await read(copy.value))).toEqual(everyPart);
  });
});
