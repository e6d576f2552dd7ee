import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PDFiumLibrary } from '@hyzyla/pdfium';
import * as mupdf from 'mupdf';

/** A page as a PDF reader shows it, in grayscale. */
export interface Shown {
  readonly width: number;
  readonly height: number;
  gray(x: number, y: number): number;
}

/** Renders the first page of a PDF. */
export type Reader = (pdf: Uint8Array) => Promise<Shown>;

/** MuPDF, with annotations. */
const inMupdf: Reader = async (pdf) => {
  const document = mupdf.Document.openDocument(pdf, 'application/pdf');
  const pixmap = document.loadPage(0).toPixmap(mupdf.Matrix.identity, mupdf.ColorSpace.DeviceGray, false);
  const [width, height, stride] = [pixmap.getWidth(), pixmap.getHeight(), pixmap.getStride()];
  const pixels = pixmap.getPixels().slice();
  document.destroy();
  return { width, height, gray: (x, y) => pixels[y * stride + x] ?? 0 };
};

/** PDFium, the PDF viewer of Chromium. */
const inPdfium: Reader = async (pdf) => {
  const library = await PDFiumLibrary.init();
  const document = await library.loadDocument(pdf);
  document.initializeFormFields();
  const { data, width, height } = await document.getPage(0).render({ scale: 1, renderFormFields: true });
  document.destroy();
  library.destroy();
  return { width, height, gray: (x, y) => data[(y * width + x) * 4] ?? 0 };
};

/** Poppler, through its program `pdftoppm`. */
export const inPoppler =
  (program: string): Reader =>
  async (pdf) => {
    const folder = await mkdtemp(join(tmpdir(), 'tvm-poppler-'));
    try {
      const file = join(folder, 'page.pdf');
      await writeFile(file, pdf);
      const options = { encoding: 'buffer', maxBuffer: 256 * 1024 * 1024 } as const;
      const { stdout } = await promisify(execFile)(program, ['-gray', '-r', '72', '-cropbox', file], options);
      // A portable graymap: format, size, and largest value as text, then one byte per pixel.
      const [head = '', width = 0, height = 0] =
        /^P5\s(\d+)\s(\d+)\s255\s/.exec(stdout.toString('latin1')) ?? [];
      const pixels = stdout.subarray(head.length);
      return {
        ...{ width: Number(width), height: Number(height) },
        gray: (x, y) => pixels[y * Number(width) + x] ?? 0,
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };

export const readers: Readonly<Record<string, Reader>> = { MuPDF: inMupdf, PDFium: inPdfium };

/** Parts of a page, as fractions of its width and height. */
const PARTS = {
  footer: [0, 0.94, 1, 1],
  'upper right': [0.55, 0.2, 0.9, 0.45],
  'lower left': [0.1, 0.55, 0.45, 0.8],
} as const;

/** Returns the parts of an otherwise empty page in which a reader shows a stamp. */
export function stampedParts({ width, height, gray }: Shown): readonly string[] {
  return Object.entries(PARTS)
    .filter(([, [left, top, right, bottom]]) => {
      let count = 0;
      for (let y = Math.floor(top * height); y < Math.floor(bottom * height); y += 1)
        for (let x = Math.floor(left * width); x < Math.floor(right * width); x += 1)
          if (gray(x, y) < 235) count += 1;
      return count > (right - left) * (bottom - top) * width * height * 0.004;
    })
    .map(([name]) => name);
}

export const everyPart = Object.keys(PARTS);
