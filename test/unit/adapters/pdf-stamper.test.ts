import { PDFDocument, PDFName } from '@cantoo/pdf-lib';
import { describe, expect, test } from '@jest/globals';
import * as mupdf from 'mupdf';
import { newTokenId } from '../../../lambda/domain/ids.ts';
import type { Mark } from '../../../lambda/domain/watermark.ts';
import { encryptedPdf, pdfStamper, samplePdf, signedPdf } from '../../support/pdfs.ts';

const stamper = pdfStamper();
const tokenId = newTokenId('api');
const mark: Mark = { names: ['ada@example.org'], tokenId, at: new Date('2031-05-17T10:20:30.400Z') };

async function stamped(pdf: Uint8Array, names: readonly string[] = mark.names): Promise<Uint8Array> {
  const result = await stamper.stamp(pdf, { ...mark, names });
  if (!result.ok) throw new Error(`Not stamped: ${result.error.code}`);
  return result.value;
}

const open = (pdf: Uint8Array) => mupdf.Document.openDocument(pdf, 'application/pdf');

/** Renders a page as a PDF reader does, and returns its text, size, and gray pixels. */
function seen(pdf: Uint8Array, index = 0) {
  const page = open(pdf).loadPage(index);
  const pixmap = page.toPixmap(mupdf.Matrix.identity, mupdf.ColorSpace.DeviceGray, false);
  const [width, height] = [pixmap.getWidth(), pixmap.getHeight()];
  return {
    text: page.toStructuredText('').asText(),
    width,
    height,
    gray: (x: number, y: number) => pixmap.getPixels()[y * pixmap.getStride() + x] ?? 0,
  };
}

/** Counts the pixels that a stamp changed in `part`, whose edges are fractions of the page's width and height. */
function changed(before: Uint8Array, after: Uint8Array, index: number, part: readonly number[]): number {
  const [left = 0, top = 0, right = 1, bottom = 1] = part;
  const [one, other] = [seen(before, index), seen(after, index)];
  expect([other.width, other.height]).toEqual([one.width, one.height]);
  let count = 0;
  for (let y = Math.floor(top * one.height); y < bottom * one.height; y += 1)
    for (let x = Math.floor(left * one.width); x < right * one.width; x += 1)
      if (Math.abs(one.gray(x, y) - other.gray(x, y)) > 20) count += 1;
  return count;
}

const FOOTER = [0, 0.94, 1, 1];
const TOP = [0, 0, 1, 0.03];
const UPPER_RIGHT = [0.55, 0.2, 0.9, 0.45];
const LOWER_LEFT = [0.1, 0.55, 0.45, 0.8];
const UPPER_LEFT = [0, 0.2, 0.25, 0.4];

describe('a stamped PDF', () => {
  const pages = [
    {},
    { turn: 90 },
    { turn: 180 },
    { turn: 270 },
    { turn: -90 },
    { cut: 50 },
    { turn: 90, cut: 30 },
    { size: [1200, 300] as const },
    { dark: true },
  ];

  test.each(pages.map((page, index) => [JSON.stringify(page), index] as const))(
    'the page %s shows the footer at the bottom and the diagonal line from lower left to upper right',
    async (_page, index) => {
      const before = await samplePdf(pages);
      const after = await stamped(before);
      for (const part of [FOOTER, UPPER_RIGHT, LOWER_LEFT])
        expect(changed(before, after, index, part)).toBeGreaterThan(30);
      for (const part of [TOP, UPPER_LEFT]) expect(changed(before, after, index, part)).toBe(0);
    },
  );

  test("each page shows the recipient, the time of stamping, and the link's token ID", async () => {
    const pdf = await stamped(await samplePdf([{}, { turn: 90 }]), ['Łukasz Ωμέγα', 'ada@example.org']);
    for (const index of [0, 1]) {
      const { text } = seen(pdf, index);
      expect(text).toContain(`Page ${index + 1}`);
      expect(text).toContain(`Łukasz Ωμέγα · ada@example.org · 2031-05-17 10:20:30 UTC · ${tokenId}`);
    }
  });

  test('a copy without a name shows the token ID instead', async () => {
    const { text } = seen(await stamped(await samplePdf(), []));
    expect(text.split(tokenId)).toHaveLength(3);
  });

  test('pages that share their content show one stamp each', async () => {
    const pdf = await samplePdf([{}, { turn: 90 }], (document) => {
      const { context } = document;
      const [first, second] = document.getPages();
      const shared = context.register(context.obj([first?.node.get(PDFName.Contents) ?? null]));
      for (const page of [first, second]) page?.node.set(PDFName.Contents, shared);
    });
    for (const index of [0, 1]) expect(seen(await stamped(pdf), index).text.split(tokenId)).toHaveLength(2);
  });

  test('the content of a page with balanced operators is unchanged, so that screen readers can still use its tags', async () => {
    const copy = await PDFDocument.load(await stamped(await samplePdf()));
    expect(copy.getPage(0).node.Contents()).toMatchObject({ array: { length: 3 } });
  });

  test('a copy does not begin with the bytes of the original', async () => {
    const pdf = await samplePdf();
    expect((await stamped(pdf)).subarray(0, pdf.length)).not.toEqual(pdf);
  });

  test('a copy embeds only the glyphs that it shows', async () => {
    const pdf = await samplePdf();
    const copy = await stamped(pdf, ['山田太郎 김철수']);
    expect(copy.length - pdf.length).toBeLessThan(30_000);
  });
});

describe('names on a stamp', () => {
  test.each([
    ...[
      'Łukasz Đặng',
      "Seán O'Brien-Ünal",
      'Ωμέγα',
      'Жуков Щедрин',
      '山田太郎',
      '王小明',
      'さくら カナ',
      '김철수',
    ],
    'Å, composed of two characters: A\u030a',
  ])('the name "%s" appears in the diagonal line and in the footer', async (name) => {
    const { text } = seen(await stamped(await samplePdf(), [name]));
    const shown = text.replace(/\s/g, '');
    expect(shown.split(name.normalize('NFC').replace(/\s/g, ''))).toHaveLength(3);
  });

  test.each([
    ['Arabic letters, which join and run from right to left', 'محمد'],
    ['Hebrew letters', 'דוד'],
    ['Devanagari letters, which combine', 'अमित'],
    ['Thai letters', 'สมชาย'],
    ['an emoji', 'Ada 😀'],
    ['a combining mark that forms no precomposed character', 'q\u0308'],
    ['a private-use character', '\ue000'],
  ])('a name with %s is refused', async (_script, name) => {
    const result = await stamper.stamp(await samplePdf(), { ...mark, names: [name] });
    expect(result).toEqual({ ok: false, error: { code: 'name_unprintable' } });
  });
});

describe('files to stamp', () => {
  const half = async () => {
    const pdf = await samplePdf([{}, {}]);
    return pdf.subarray(0, pdf.length / 2);
  };

  const largeNumber = () =>
    samplePdf([{}], ({ context }) => {
      context.largestObjectNumber = 8_388_607;
    });

  /** Returns a PDF with a page tree in which each node lists the next one twice. */
  const sharedPages = () =>
    samplePdf([{}], ({ context, catalog }) => {
      let node = catalog.get(PDFName.of('Pages'));
      for (let depth = 0; depth < 30; depth += 1) {
        node = context.register(context.obj({ Type: 'Pages', Count: 2 ** depth, Kids: [node, node] }));
      }
      catalog.set(PDFName.of('Pages'), node ?? context.obj(null));
    });

  test.each([
    ['encrypted', encryptedPdf, 'pdf_encrypted'],
    ['signed', signedPdf, 'pdf_signed'],
    ['cut off', half, 'pdf_unreadable'],
    ['out of object numbers', largeNumber, 'pdf_unreadable'],
    ['a few kilobytes long but lists a billion pages', sharedPages, 'pdf_unreadable'],
    ['empty', async () => new Uint8Array(), 'pdf_unreadable'],
    ['not a PDF', async () => Buffer.from('<html>'), 'pdf_unreadable'],
    [
      'without pages',
      async () => (await PDFDocument.create()).save({ addDefaultPage: false }),
      'pdf_unreadable',
    ],
  ] as const)('a file that is %s is refused', async (_kind, pdf, code) => {
    expect(await stamper.stamp(await pdf(), mark)).toEqual({ ok: false, error: { code } });
  });

  test('a form with an unsigned signature field is stamped', async () => {
    const pdf = await samplePdf([{}], (document) => {
      document.context.register(document.context.obj({ FT: 'Sig', T: 'S' }));
    });
    expect((await stamper.stamp(pdf, mark)).ok).toBe(true);
  });
});
