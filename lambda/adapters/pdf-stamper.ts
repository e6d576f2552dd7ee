import {
  concatTransformationMatrix,
  degrees,
  drawObject,
  drawRectangle,
  drawText,
  EncryptedPDFError,
  ParseSpeeds,
  PDFArray,
  PDFDict,
  PDFDocument,
  type PDFFont,
  PDFName,
  PDFOperator,
  PDFOperatorNames,
  type PDFPage,
  PDFRef,
  popGraphicsState,
  pushGraphicsState,
  radians,
  rgb,
} from '@cantoo/pdf-lib';
import * as fontkit from 'fontkit';
import { fail, ok, type Result } from '../domain/result.ts';
import type { Mark, Stamper, Unstampable } from '../domain/watermark.ts';
import { addForm, annotationsOf, enclose, mayCover } from './pdf-page.ts';

/** Reads a font file (lambda/fonts/). */
export type ReadFont = () => Promise<Uint8Array>;

/**
 * Margin and font size of the footer, in points. Small pages have a smaller margin, and large pages have a larger font.
 * Both are then shares of the page's shorter side.
 */
const MARGIN = 12;
const FOOTER_SIZE = 8;
const FOOTER_SHARE = 1 / 75;
const LARGEST_MARGIN_SHARE = 1 / 20;

/** Largest font size of the diagonal line, as a share of the page's diagonal. */
const LARGEST_LINE = 1 / 16;

/** Largest length of the diagonal line, as a share of the page's diagonal. */
const LINE_SHARE = 0.7;

/** Largest object number that PDF viewers accept (ISO 32000-1, annex C). */
const LARGEST_OBJECT_NUMBER = 8_388_607;

/** Tag of the marked content (ISO 32000-2, section 14.6) that holds the link ID on each page, for `tvm trace`. */
const LINK_TAG = 'TvmLink';

const GRAY = rgb(0.4, 0.4, 0.4);
const WHITE = rgb(1, 1, 1);

/** Font file, and the characters that it supports. */
interface Face {
  readonly bytes: Uint8Array;
  has(codePoint: number): boolean;
}

/** Part of a text that is set in one font. */
interface Run {
  readonly face: Face;
  readonly text: string;
}

/** Part of a text, with its font embedded in the document. */
interface Piece {
  readonly text: string;
  readonly font: PDFFont;
  /** Width at a font size of one point. */
  readonly width: number;
}

/**
 * Stamps PDFs with pdf-lib. The file is rewritten completely: with an incremental update, the copy would begin with the original
 * (docs/adr, "Try the stamp before a link is issued").
 */
export class PdfStamper implements Stamper {
  readonly #fonts: readonly ReadFont[];
  readonly #faces: Face[] = [];

  /** @param fonts in the order in which they are tried for each character */
  constructor(fonts: readonly ReadFont[]) {
    this.#fonts = fonts;
  }

  async stamp(pdf: Uint8Array, { names, tokenId, at }: Mark): Promise<Result<Uint8Array, Unstampable>> {
    const time = `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
    const line = await this.#runsOf(names[0] ?? tokenId);
    const footer = await this.#runsOf([...names, time, tokenId].join(' · '));
    if (line === undefined || footer === undefined) return fail({ code: 'name_unprintable' });
    try {
      const document = await PDFDocument.load(pdf, {
        parseSpeed: ParseSpeeds.Fastest,
        throwOnInvalidObject: true,
        updateMetadata: false,
      });
      const { largestObjectNumber } = document.context;
      if (largestObjectNumber > LARGEST_OBJECT_NUMBER) return fail({ code: 'pdf_unreadable' });
      if (!isTree(document)) return fail({ code: 'pdf_unreadable' });
      if (isSigned(document)) return fail({ code: 'pdf_signed' });
      const pages = document.getPages();
      if (pages.length === 0) return fail({ code: 'pdf_unreadable' });
      document.registerFontkit(fontkit);
      const fonts = new Map<Face, PDFFont>();
      const lines = {
        line: await embed(document, line, fonts),
        footer: await embed(document, footer, fonts),
        tokenId,
      };
      const shared = new Map<string, PDFRef>();
      for (const page of pages) drawMark(page, lines, shared);
      // With object streams, the time that pdf-lib needs grows with the square of the number of objects.
      const plainly = { useObjectStreams: false, updateFieldAppearances: false, objectsPerTick: Infinity };
      return ok(await document.save(plainly));
    } catch (cause) {
      // The file needs too much memory, or is nested too deeply.
      if (cause instanceof RangeError) return fail({ code: 'pdf_too_complex' });
      // For malformed files, pdf-lib throws many kinds of plain errors. Files with encrypted object streams are among them,
      // because pdf-lib reads these streams before it detects the encryption.
      const isEncrypted = cause instanceof EncryptedPDFError || Buffer.from(pdf).includes('/Encrypt');
      return fail({ code: isEncrypted ? 'pdf_encrypted' : 'pdf_unreadable' });
    }
  }

  /** Splits the text by font; returns `undefined` if a character has no glyph or combines with others. */
  async #runsOf(text: string): Promise<readonly Run[] | undefined> {
    const runs: Run[] = [];
    for (const character of text.normalize('NFC')) {
      const face = /\p{M}/u.test(character) ? undefined : await this.#faceFor(character.codePointAt(0) ?? 0);
      if (face === undefined) return undefined;
      const last = runs.at(-1);
      if (last?.face === face) runs[runs.length - 1] = { face, text: last.text + character };
      else runs.push({ face, text: character });
    }
    return runs;
  }

  async #faceFor(codePoint: number): Promise<Face | undefined> {
    for (const [index, read] of this.#fonts.entries()) {
      const face = this.#faces[index] ?? faceOf(await read());
      this.#faces[index] = face;
      if (face.has(codePoint)) return face;
    }
    return undefined;
  }
}

function faceOf(bytes: Uint8Array): Face {
  const font = fontkit.create(Buffer.from(bytes));
  if (!('hasGlyphForCodePoint' in font)) throw new Error('A font file contains a collection of fonts');
  return { bytes, has: (codePoint) => font.hasGlyphForCodePoint(codePoint) };
}

/** Embeds the fonts, reduced to the glyphs that are used. */
async function embed(
  document: PDFDocument,
  runs: readonly Run[],
  fonts: Map<Face, PDFFont>,
): Promise<readonly Piece[]> {
  const pieces: Piece[] = [];
  for (const { face, text } of runs) {
    const font = fonts.get(face) ?? (await document.embedFont(face.bytes, { subset: true }));
    fonts.set(face, font);
    pieces.push({ text, font, width: font.widthOfTextAtSize(text, 1) });
  }
  return pieces;
}

/**
 * Returns whether each node of the page tree has only one parent. Otherwise, a small file could have any number of
 * pages.
 */
function isTree({ catalog, context }: PDFDocument): boolean {
  const seen = new Set<unknown>();
  const open: unknown[] = [catalog.get(PDFName.of('Pages'))];
  for (let ref = open.pop(); ref !== undefined; ref = open.pop()) {
    if (seen.has(ref)) return false;
    seen.add(ref);
    const node = ref instanceof PDFRef ? context.lookup(ref) : ref;
    const kids = node instanceof PDFDict ? node.lookup(PDFName.of('Kids')) : undefined;
    if (kids instanceof PDFArray) open.push(...kids.asArray());
  }
  return true;
}

/** Returns whether the file contains any signature (ISO 32000-2, section 12.8). A stamp would break the signature. */
function isSigned(document: PDFDocument): boolean {
  const byteRange = PDFName.of('ByteRange');
  const value = PDFName.of('V');
  return document.context.enumerateIndirectObjects().some(([, object]) => {
    if (!(object instanceof PDFDict)) return false;
    if (object.has(byteRange)) return true;
    const signature = object.lookup(value);
    return signature instanceof PDFDict && signature.has(byteRange);
  });
}

interface Lines {
  readonly line: readonly Piece[];
  readonly footer: readonly Piece[];
  readonly tokenId: string;
}

/**
 * Draws the mark on top of a page, upright even if the page is rotated. Pages of the same size share one drawing, so
 * stamping a thousand pages adds little more data than stamping one.
 */
function drawMark(page: PDFPage, lines: Lines, shared: Map<string, PDFRef>): void {
  const { node, doc } = page;
  const { context } = doc;
  const { box, matrix, width, height } = uprightView(page);
  const size = `${width} ${height}`;
  const form = shared.get(size) ?? formOf(doc, lines, width, height);
  shared.set(size, form);
  const marked = (name: PDFName) => [
    pushGraphicsState(),
    concatTransformationMatrix(...matrix),
    drawObject(name),
    popGraphicsState(),
  ];
  const { before, after, resources } = enclose(page);
  const drawn = [...after, ...marked(addForm(resources, form))];
  const mark = shared.get(drawn.join()) ?? context.register(context.contentStream(drawn));
  shared.set(drawn.join(), mark);
  node.set(PDFName.Contents, context.obj([...before, mark]));
  node.set(PDFName.Resources, resources);
  // Without this, Poppler would also show what lies outside the media box.
  node.set(PDFName.CropBox, context.obj(box));

  const annotations = annotationsOf(page).asArray();
  if (!annotations.some((each) => mayCover(context.lookup(each)))) return;
  const around = context.obj({});
  const appearance = context.formXObject(marked(addForm(around, form)), {
    BBox: context.obj(box),
    Resources: around,
  });
  const last = context.obj({
    ...{ Type: 'Annot', Subtype: 'Stamp', Rect: box, F: PRINTED_AND_LOCKED },
    AP: { N: context.register(appearance) },
  });
  node.set(PDFName.Annots, context.obj([...annotations, context.register(last)]));
}

/** Annotation flags (ISO 32000-2, section 12.5.3): Print, ReadOnly, Locked, and LockedContents. */
const PRINTED_AND_LOCKED = 4 + 64 + 128 + 512;

/** Creates a form with the diagonal line and the footer, for pages of one size. */
function formOf(
  { context }: PDFDocument,
  { line, footer, tokenId }: Lines,
  width: number,
  height: number,
): PDFRef {
  const fonts = new Map([...line, ...footer].map(({ font }) => [font.name, font.ref]));
  const diagonal = Math.hypot(width, height);
  const shorter = Math.min(width, height);
  const margin = Math.min(MARGIN, shorter * LARGEST_MARGIN_SHARE);
  const lineSize = Math.min(LARGEST_LINE * diagonal, (LINE_SHARE * diagonal) / widthOf(line));
  const angle = Math.atan2(height, width);
  const length = widthOf(line) * lineSize;
  const footerSize = Math.min(
    Math.max(FOOTER_SIZE, shorter * FOOTER_SHARE),
    (width - 2 * margin) / widthOf(footer),
  );
  const operators = [
    PDFOperator.of(PDFOperatorNames.BeginMarkedContentSequence, [`/${LINK_TAG}`, `<</Id (${tokenId})>>`]),
    ...operatorsOf(line, {
      x: width / 2 - (Math.cos(angle) * length) / 2,
      y: height / 2 - (Math.sin(angle) * length) / 2,
      size: lineSize,
      angle,
      graphicsState: 'Faint',
    }),
    ...drawRectangle({
      ...{ x: margin - 2, y: margin - 3, width: widthOf(footer) * footerSize + 4, height: footerSize + 4 },
      ...{ color: WHITE, borderColor: undefined, borderWidth: 0, graphicsState: 'Backing' },
      ...{ rotate: degrees(0), xSkew: degrees(0), ySkew: degrees(0) },
    }),
    ...operatorsOf(footer, { x: margin, y: margin, size: footerSize, angle: 0 }),
    PDFOperator.of(PDFOperatorNames.EndMarkedContent),
  ];
  const Resources = {
    Font: Object.fromEntries(fonts),
    ExtGState: { Faint: { Type: 'ExtGState', ca: 0.3 }, Backing: { Type: 'ExtGState', ca: 0.7 } },
  };
  return context.register(
    context.formXObject(operators, {
      BBox: context.obj([0, 0, width, height]),
      Resources: context.obj(Resources),
    }),
  );
}

interface Placement {
  readonly x: number;
  readonly y: number;
  /** Font size in points. */
  readonly size: number;
  /** Angle in radians. */
  readonly angle: number;
  readonly graphicsState?: string;
}

function operatorsOf(
  pieces: readonly Piece[],
  { x, y, size, angle, graphicsState }: Placement,
): readonly PDFOperator[] {
  let done = 0;
  return pieces.flatMap(({ text, font, width }) => {
    const along = done;
    done += width * size;
    return drawText(font.encodeText(text), {
      x: x + Math.cos(angle) * along,
      y: y + Math.sin(angle) * along,
      size,
      font: font.name,
      color: GRAY,
      rotate: radians(angle),
      ...{ xSkew: degrees(0), ySkew: degrees(0) },
      ...(graphicsState !== undefined && { graphicsState }),
    });
  });
}

/** Returns the width of a text at a font size of one point. */
function widthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { width }) => sum + width, 0);
}

type Box = [left: number, bottom: number, right: number, top: number];
type Matrix = readonly [number, number, number, number, number, number];

/** Returns the visible box of a page, its displayed size, and the matrix from displayed to page coordinates. */
function uprightView(page: PDFPage): {
  readonly box: Box;
  readonly matrix: Matrix;
  readonly width: number;
  readonly height: number;
} {
  const [media, crop] = [page.getMediaBox(), page.getCropBox()];
  const x = Math.max(media.x, crop.x);
  const y = Math.max(media.y, crop.y);
  const width = Math.min(media.x + media.width, crop.x + crop.width) - x;
  const height = Math.min(media.y + media.height, crop.y + crop.height) - y;
  // PDF viewers disagree about how to show a page without a visible area.
  if (!(width > 0 && height > 0)) throw new Error('A page has no visible area');
  const box: Box = [x, y, x + width, y + height];
  const upright = { box, width, height };
  const across = { box, width: height, height: width };
  switch (((Math.round(page.getRotation().angle / 90) % 4) + 4) % 4) {
    case 1:
      return { matrix: [0, 1, -1, 0, x + width, y], ...across };
    case 2:
      return { matrix: [-1, 0, 0, -1, x + width, y + height], ...upright };
    case 3:
      return { matrix: [0, -1, 1, 0, x, y + height], ...across };
    default:
      return { matrix: [1, 0, 0, 1, x, y], ...upright };
  }
}
