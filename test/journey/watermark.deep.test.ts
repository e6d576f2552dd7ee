import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as mupdf from 'mupdf';
import { newTokenId } from '../../lambda/domain/ids.ts';
import { LARGEST_STAMPED } from '../../lambda/domain/watermark.ts';
import { heldBytes } from '../../laptop/test/support/held-bytes.ts';
import { watermark } from '../../lib/capabilities/watermark.ts';
import { issueLinks } from '../support/issue-links.ts';
import { type Laptop, postToken, startLaptop } from '../support/laptop.ts';
import { largePdf, pdfStamper } from '../support/pdfs.ts';

const MB = 1_000_000;
const COPIES = 50;

let laptop: Laptop;
beforeAll(async () => {
  laptop = await startLaptop({ watermarks: 'on', streamConcurrency: String(COPIES) });
  await laptop.offer('large.pdf', await largePdf(10 * MB));
});
afterAll(() => laptop.close());

test('50 copies of 10 MB, redeemed at once, each name their own link', async () => {
  const wanted = { asset: 'large.pdf', delivery: 'stream', watermark: true, count: COPIES };
  const links = await issueLinks(laptop.endpoints, wanted);
  const redeemed = await Promise.all(
    links.map(async ({ token, tokenId }) => {
      const answer = await postToken(`${laptop.endpoints.api}/redeem/watermark`, token);
      const pdf = mupdf.Document.openDocument(await answer.arrayBuffer(), 'application/pdf');
      const last = pdf
        .loadPage(pdf.countPages() - 1)
        .toStructuredText('')
        .asText();
      pdf.destroy();
      return [answer.status, last.split(tokenId).length - 1];
    }),
  );
  expect(redeemed).toEqual(links.map(() => [200, 2]));
});

/** What one instance of the function holds, which stamps one file at a time. */
test('stamping 50 files in a row, the last of the largest size, stays far below the memory of the function', async () => {
  const stamper = pdfStamper();
  const usual = await largePdf(10 * MB);
  const largest = await largePdf(LARGEST_STAMPED - MB);
  const floor = await heldBytes();
  const mark = { names: ['山田太郎'], tokenId: newTokenId('api'), at: new Date() };
  for (const file of [...Array<Uint8Array>(COPIES - 1).fill(usual), largest]) {
    const copy = await stamper.stamp(file, mark);
    const held = (await heldBytes()) - floor;
    // The copy, and the fonts.
    expect(copy.ok && copy.value.length).toBeGreaterThan(file.length);
    expect(held).toBeLessThan(2 * file.length + 16 * MB);
    expect(held / MB).toBeLessThan(watermark.functions.watermark.memoryMb / 4);
  }
});
