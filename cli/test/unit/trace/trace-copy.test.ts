import { PDFDocument } from '@cantoo/pdf-lib';
import { describe, expect, test } from '@jest/globals';
import * as mupdf from 'mupdf';
import { newTokenId, type TokenId } from '../../../../lambda/domain/ids.ts';
import { pdfStamper, samplePdf } from '../../../../test/support/pdfs.ts';
import { linkIdsIn } from '../../../trace/trace-copy.ts';

const tokenId = newTokenId('api');

async function copyFor(id: TokenId, pdf?: Uint8Array): Promise<Buffer> {
  const original = pdf ?? (await samplePdf([{}, {}, {}]));
  const stamped = await pdfStamper().stamp(original, {
    names: ['ada@example.org'],
    tokenId: id,
    at: new Date(),
  });
  if (!stamped.ok) throw new Error(stamped.error.code);
  return Buffer.from(stamped.value);
}

describe('linkIdsIn', () => {
  test('finds the link ID in a copy', async () => {
    expect(linkIdsIn(await copyFor(tokenId))).toEqual([tokenId]);
  });

  test('finds the link ID in a single page of a copy', async () => {
    const copy = await PDFDocument.load(await copyFor(tokenId));
    const extract = await PDFDocument.create();
    for (const page of await extract.copyPages(copy, [1])) extract.addPage(page);
    expect(linkIdsIn(Buffer.from(await extract.save()))).toEqual([tokenId]);
  });

  test.each(['compress', 'decompress', 'garbage=deduplicate,clean,sanitize,compress'])(
    'finds the link ID after another program has rewritten the copy with %s',
    async (options) => {
      const document = mupdf.Document.openDocument(await copyFor(tokenId), 'application/pdf').asPDF();
      expect(linkIdsIn(Buffer.from(document?.saveToBuffer(options).asUint8Array() ?? []))).toEqual([tokenId]);
    },
  );

  test('finds the link ID if a title or a bookmark in front of the stamp contains the word stream', async () => {
    const copy = await copyFor(tokenId);
    const titled = copy
      .toString('latin1')
      .replaceAll(/^(\d+ 0 obj)$/gm, '99 0 obj\n<</Title (Upstream)>>\nendobj\n$1');
    expect(linkIdsIn(Buffer.from(titled, 'latin1'))).toEqual([tokenId]);
  });

  test('finds both link IDs in a copy that was stamped twice', async () => {
    const other = newTokenId('api');
    const again = await copyFor(other, await copyFor(tokenId));
    expect(linkIdsIn(again).toSorted()).toEqual([tokenId, other].toSorted());
  });
});

test('linkIdsIn finds no link ID in a file without a stamp', async () => {
  expect(linkIdsIn(Buffer.from(await samplePdf()))).toEqual([]);
  expect(linkIdsIn(Buffer.from('stream\nno PDF'))).toEqual([]);
});
