import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as mupdf from 'mupdf';
import { SandboxedStamper } from '../../lambda/adapters/sandboxed-stamper.ts';
import { newTokenId } from '../../lambda/domain/ids.ts';
import { LARGEST_STAMPED } from '../../lambda/domain/watermark.ts';
import { signedFetch } from '../../laptop/test/support/signed-fetch.ts';
import { STAMP_MEMORY_MB } from '../../lib/capabilities/watermark.ts';
import { largeInside } from '../support/bombs.ts';
import { issueLinks } from '../support/issue-links.ts';
import { type Laptop, postToken, startLaptop } from '../support/laptop.ts';
import { largePdf } from '../support/pdfs.ts';
import { stamperProgram } from '../support/stamper-program.ts';

const MB = 1_000_000;
const COPIES = 50;

let laptop: Laptop;
beforeAll(async () => {
  laptop = await startLaptop({ watermarks: 'on', streamConcurrency: String(COPIES) });
  await laptop.offer('large.pdf', await largePdf(10 * MB));
});
afterAll(() => laptop.close());

test('each of 50 copies of 10 MB names its own link when all links are redeemed at the same time', async () => {
  const wanted = { asset: 'large.pdf', delivery: 'stream', watermark: true, count: COPIES };
  const links = await issueLinks(laptop.endpoints, wanted);
  const redeemed = await Promise.all(
    links.map(async ({ token, tokenId }) => {
      const response = await postToken(`${laptop.endpoints.api}/redeem/watermark`, token);
      const pdf = mupdf.Document.openDocument(await response.arrayBuffer(), 'application/pdf');
      const last = pdf
        .loadPage(pdf.countPages() - 1)
        .toStructuredText('')
        .asText();
      pdf.destroy();
      return [response.status, last.split(tokenId).length - 1];
    }),
  );
  expect(redeemed).toEqual(links.map(() => [200, 2]));
});

test('a small file that takes gigabytes to read is refused when a link to it is issued', async () => {
  await laptop.offer('bomb.pdf', largeInside['an object stream of 2 GB']?.() ?? '');
  const wanted = { asset: 'bomb.pdf', delivery: 'stream', watermark: true };
  const response = await signedFetch(laptop.endpoints, 'POST', '/links', wanted);
  expect(await response.json()).toMatchObject({ status: 422, code: 'pdf_too_complex' });
});

/**
 * Each instance of the function stamps one file at a time, in a separate process. Here, the kernel limits that process
 * to half of the function's memory. If stamping succeeds, none of the 50 copies above needs more.
 */
test('a file of the largest size is stamped within half of the function’s memory', async () => {
  const { program, remove } = stamperProgram();
  try {
    const half = STAMP_MEMORY_MB / 2;
    const stamper = new SandboxedStamper(program, { cpuSeconds: 16, heapMb: half, memoryMb: half });
    const mark = { names: ['山田太郎'], tokenId: newTokenId('api'), at: new Date() };
    for (const size of [10 * MB, LARGEST_STAMPED - MB]) {
      const file = await largePdf(size);
      const copy = await stamper.stamp(file, mark);
      expect(copy.ok && copy.value.length).toBeGreaterThan(file.length);
    }
  } finally {
    remove();
  }
});
