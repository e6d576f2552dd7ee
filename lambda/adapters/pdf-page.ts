import {
  decodePDFRawStream,
  drawObject,
  endPath,
  PDFArray,
  PDFDict,
  PDFName,
  type PDFOperator,
  type PDFPage,
  PDFRawStream,
  PDFRef,
  popGraphicsState,
} from '@cantoo/pdf-lib';

/** Content stream of a page. */
interface Part {
  readonly ref: PDFRef;
  readonly stream: PDFRawStream;
}

/** Content of a page, enclosed so that it does not affect content drawn after it. */
interface Enclosed {
  readonly before: readonly PDFRef[];
  /** Operators that must directly follow the content. */
  readonly after: readonly PDFOperator[];
  readonly resources: PDFDict;
}

/**
 * Encloses the content of a page. Usually, saving the graphics state before the content and restoring it afterward is
 * enough. Content that restores more than it has saved, or leaves something open, is turned into a form XObject, which
 * has its own state. A form hides the page's tags from screen readers, so it is used only if necessary.
 *
 * @throws if the content is damaged
 */
export function enclose({ node, doc: { context } }: PDFPage): Enclosed {
  const parts = partsOf(node.get(PDFName.Contents) ?? context.obj([]), (ref) => context.lookup(ref));
  const content = Buffer.concat(
    parts.flatMap(({ stream }) => [decodePDFRawStream(stream).decode(), Buffer.from('\n')]),
  );
  const { isBalanced, leftOpen } = balanceOf(content);
  const resources = node.Resources() ?? context.obj({});
  if (isBalanced) {
    const before = [context.getPushGraphicsStateContentStream(), ...parts.map(({ ref }) => ref)];
    return { before, after: [endPath(), popGraphicsState()], resources };
  }
  const { x, y, width, height } = node.MediaBox().asRectangle();
  const form = context.flateStream(Buffer.concat([content, Buffer.from('EMC '.repeat(leftOpen))]), {
    ...{ Type: 'XObject', Subtype: 'Form', BBox: [x, y, x + width, y + height], Resources: resources },
  });
  const around = context.obj({ XObject: { TvmPage: context.register(form) } });
  return { before: [], after: [drawObject('TvmPage')], resources: around };
}

/** Adds a form to resources that pages can share, unless the form is there already. Returns its resource name. */
export function addForm(resources: PDFDict, form: PDFRef): PDFName {
  const forms = resources.lookupMaybe(PDFName.XObject, PDFDict) ?? resources.context.obj({});
  resources.set(PDFName.XObject, forms);
  const known = forms.entries().find(([, ref]) => ref === form);
  if (known !== undefined) return known[0];
  const name = forms.uniqueKey('TvmMark');
  forms.set(name, form);
  return name;
}

/** Returns the annotations of a page. Viewers draw them above the content, in this order. */
export function annotationsOf({ node }: PDFPage): PDFArray {
  const annotations = node.lookup(PDFName.Annots);
  return annotations instanceof PDFArray ? annotations : node.context.obj([]);
}

/** Annotation subtypes that cover nothing, and the subtype of form fields, which viewers draw on top anyway. */
const NOT_COVERING = ['Link', 'Popup', 'Widget'].map((subtype) => PDFName.of(subtype));

/**
 * Returns whether an annotation could cover the watermark. If any can, the watermark is also added as the topmost
 * annotation.
 */
export function mayCover(annotation: unknown): boolean {
  const subtype = annotation instanceof PDFDict ? annotation.lookup(PDFName.of('Subtype')) : undefined;
  return !NOT_COVERING.some((each) => each === subtype);
}

/** Returns the content streams of a page. Null and missing objects count as empty (ISO 32000-2, section 7.3.10). */
function partsOf(contents: unknown, lookup: (ref: PDFRef) => unknown): readonly Part[] {
  const found = contents instanceof PDFRef ? lookup(contents) : contents;
  if (found instanceof PDFRawStream && contents instanceof PDFRef) return [{ ref: contents, stream: found }];
  return found instanceof PDFArray ? found.asArray().flatMap((each) => partsOf(each, lookup)) : [];
}

/**
 * Matches operators that open or close something. It also matches whole strings, comments, and inline images, so that
 * operators inside them do not count. A false match only means that the content becomes a form.
 */
const OPERATORS =
  /\((?:\\[\s\S]|[^\\()])*\)|%[^\r\n]*|(?<![^\s)>\]])(?:ID\s[\s\S]*?\sEI|q|Q|BT|ET|BMC|BDC|EMC)(?![^\s[(<%/])/g;

const PAIRS: Readonly<Record<string, readonly [kind: 'state' | 'text' | 'marked', step: 1 | -1]>> = {
  q: ['state', 1],
  Q: ['state', -1],
  BT: ['text', 1],
  ET: ['text', -1],
  BMC: ['marked', 1],
  BDC: ['marked', 1],
  EMC: ['marked', -1],
};

interface Balance {
  /** Whether the content closes everything that it opens, and nothing else. */
  readonly isBalanced: boolean;
  /** Number of marked-content sequences that are never closed. In MuPDF, they would extend beyond the form. */
  readonly leftOpen: number;
}

function balanceOf(content: Buffer): Balance {
  const depth = { state: 0, text: 0, marked: 0 };
  let isBalanced = true;
  for (const [operator] of content.toString('latin1').matchAll(OPERATORS)) {
    const [kind, step] = PAIRS[operator] ?? [];
    if (kind === undefined || step === undefined) continue;
    depth[kind] += step;
    if (depth[kind] < 0) isBalanced = false;
  }
  isBalanced &&= Object.values(depth).every((open) => open === 0);
  return { isBalanced, leftOpen: Math.max(0, depth.marked) };
}
