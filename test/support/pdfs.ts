import { readFile } from 'node:fs/promises';
import { degrees, PDFDocument, PDFName, PDFString, rgb } from '@cantoo/pdf-lib';
import { PdfStamper } from '../../lambda/adapters/pdf-stamper.ts';
import { FONTS } from '../../lambda/entry/fonts.ts';

const FOLDER = new URL('../../lambda/fonts/', import.meta.url);

/** Creates the stamper with the deployed fonts. */
export const pdfStamper = () => new PdfStamper(FONTS.map((name) => () => readFile(new URL(name, FOLDER))));

interface SamplePage {
  readonly turn?: number;
  readonly size?: readonly [width: number, height: number];
  /** Width of the margin that readers crop on each side, in points. */
  readonly cut?: number;
  readonly dark?: boolean;
}

export async function samplePdf(
  pages: readonly SamplePage[] = [{}],
  change: (document: PDFDocument) => void = () => undefined,
): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  for (const [index, { turn = 0, size: [width, height] = [595, 842], cut = 0, dark }] of pages.entries()) {
    const page = document.addPage([width, height]);
    page.setRotation(degrees(turn));
    page.setCropBox(cut, cut, width - 2 * cut, height - 2 * cut);
    if (dark) page.drawRectangle({ x: 0, y: 0, width, height, color: rgb(0, 0, 0) });
    page.drawText(`Page ${index + 1}`, { x: width / 3, y: height - cut - 60, size: 20 });
  }
  change(document);
  return await document.save();
}

/** Returns an incompressible PDF of about this many bytes. */
export const largePdf = (bytes: number) =>
  samplePdf([{}, {}, {}], (document) => {
    const noise = crypto.getRandomValues(new Uint8Array(65_536));
    const stream = new Uint8Array(bytes).map((_, index) => noise[index % noise.length] ?? 0);
    document.context.register(document.context.stream(stream));
  });

/** Returns a one-page PDF with this object in place of its content stream. */
export function pdfWith(object: Uint8Array): Buffer {
  return Buffer.concat([
    Buffer.from(
      '%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Count 1/Kids[3 0 R]>>\nendobj\n3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>\nendobj\n4 0 obj\n',
    ),
    object,
    Buffer.from('\nendobj\ntrailer\n<</Root 1 0 R/Size 5>>\nstartxref\n0\n%%EOF'),
  ]);
}

/** Returns a PDF that requires a password. */
export const encryptedPdf = () =>
  samplePdf([{}], (document) => document.encrypt({ userPassword: 'secret', ownerPassword: 'owner' }));

/** Returns a PDF with a signature dictionary. The signature itself is invalid. */
export const signedPdf = () =>
  samplePdf([{}], ({ context, catalog }) => {
    const signature = context.register(
      context.obj({
        Type: 'Sig',
        Filter: 'Adobe.PPKLite',
        ByteRange: [0, 1, 2, 3],
        Contents: PDFString.of('x'),
      }),
    );
    const field = context.register(context.obj({ FT: 'Sig', T: PDFString.of('S'), V: signature }));
    catalog.set(PDFName.of('AcroForm'), context.obj({ Fields: [field], SigFlags: 3 }));
  });
