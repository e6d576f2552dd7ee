import {
  concatTransformationMatrix,
  degrees,
  drawObject,
  drawRectangle,
  drawText,
  type PDFDocument,
  type PDFFont,
  PDFName,
  PDFOperator,
  PDFOperatorNames,
  type PDFPage,
  type PDFRef,
  popGraphicsState,
  pushGraphicsState,
  radians,
  rgb,
} from '@cantoo/pdf-lib';
import { addForm, annotationsOf, enclose, mayCover } from './pdf-page.ts';

/* Draws the watermark: a faint line of text across the page, and a footer. */

/**
 * Margin and font size of the footer, in points. Small pages have a smaller margin, and large pages a larger font, each
 * a share of the page's shorter side.
 */
const MARGIN = 12;
const FOOTER_SIZE = 8;
const FOOTER_SHARE = 1 / 75;
const LARGEST_MARGIN_SHARE = 1 / 20;

/** Largest font size of the diagonal line, as a share of the page's diagonal. */
const LARGEST_LINE = 1 / 16;

/** Maximum length of the diagonal line, as a share of the page's diagonal. */
const LINE_SHARE = 0.7;

/** Tag of the marked content (ISO 32000-2, section 14.6) that holds the link ID on each page, for `tvm trace`. */
const LINK_TAG = 'TvmLink';

const GRAY = rgb(0.4, 0.4, 0.4);
const WHITE = rgb(1, 1, 1);

/** Part of a text, with its font embedded in the document. */
export interface Piece {
  readonly text: string;
  readonly font: PDFFont;
  /** Width at a font size of one point. */
  readonly width: number;
}

/** The watermark's texts, and the ID of the link that the copy is made for. */
interface Lines {
  readonly line: readonly Piece[];
  readonly footer: readonly Piece[];
  readonly tokenId: string;
}

/**
 * Draws the watermark on top of a page, upright even if the page is rotated. Pages of the same size share one drawing,
 * so stamping a thousand pages adds little more data than stamping one.
 */
export function drawMark(page: PDFPage, lines: Lines, shared: Map<string, PDFRef>): void {
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
  // Without this crop box, Poppler would also show content outside the media box.
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

/** Creates a form XObject with the diagonal line and the footer, for pages of one size. */
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
