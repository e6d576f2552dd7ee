import { type PDFDict, PDFDocument, PDFName, type PDFPage } from '@cantoo/pdf-lib';

/* Pages that can easily hide, move, or cover a stamp. */

const A4 = [595, 842] as const;

/** Returns a one-page PDF with this content. `change` can then alter the page. */
async function page(content: string, change: (page: PDFPage) => void = () => undefined): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  const added = document.addPage([...A4]);
  const { context } = document;
  const resources = context.obj({
    ExtGState: { Unseen: { ca: 0, CA: 0 } },
    Font: { F: { Type: 'Font', Subtype: 'Type1', BaseFont: 'Helvetica' } },
  });
  added.node.set(PDFName.Resources, resources);
  added.node.set(PDFName.Contents, context.register(context.flateStream(`${content}\n`)));
  change(added);
  return await document.save();
}

/** Hides the content of the group `Hidden`. */
function hideGroup({ node, doc: { context, catalog } }: PDFPage): void {
  const group = context.register(context.obj({ Type: 'OCG', Name: 'Hidden' }));
  catalog.set(PDFName.of('OCProperties'), context.obj({ OCGs: [group], D: { OFF: [group] } }));
  node.Resources()?.set(PDFName.of('Properties'), context.obj({ Hidden: group }));
}

/** Returns a function that covers a page with a white annotation that has these additional entries. */
const coveredBy =
  (more: Readonly<Record<string, string | number>>) =>
  ({ node, doc: { context } }: PDFPage): void => {
    const white = context.flateStream(`1 g 0 0 ${A4[0]} ${A4[1]} re f`, {
      ...{ Type: 'XObject', Subtype: 'Form', BBox: [0, 0, ...A4] },
    });
    const annotation = context.obj({
      ...{ Type: 'Annot', Rect: [0, 0, ...A4], F: 4, ...more },
      AP: { N: context.register(white) },
    });
    node.set(PDFName.Annots, context.obj([context.register(annotation)]));
  };

type Entries = Readonly<Record<string, number | readonly number[]>>;

const setAll = (dict: PDFDict, entries: Entries): void => {
  for (const [name, value] of Object.entries(entries)) {
    const object = typeof value === 'number' ? dict.context.obj(value) : dict.context.obj([...value]);
    dict.set(PDFName.of(name), object);
  }
};

const withEntries = (entries: Entries) => page('', ({ node }) => setAll(node, entries));

const inherited = (entries: Entries) =>
  page('', ({ node }) => {
    for (const name of ['MediaBox', 'CropBox', 'Rotate']) node.delete(PDFName.of(name));
    const parent = node.Parent();
    if (parent !== undefined) setAll(parent, entries);
  });

/** Returns a one-page PDF whose content is split into these streams. */
const inTwoStreams = (content: readonly string[]) =>
  page('', ({ node, doc: { context } }) => {
    const refs = content.map((each) => context.register(context.flateStream(each)));
    node.set(PDFName.Contents, context.obj(refs));
  });

/** PDFs, keyed by what is special about their page. */
export const hardPages: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  'content scaled to a dot': () => page('0.01 0 0 0.01 0 0 cm'),
  'a saved state that is never restored': () => page('q 0.01 0 0 0.01 9 9 cm q'),
  'a state that is restored more often than it is saved': () => page('q Q Q Q Q Q 1 0 0 1 5000 5000 cm'),
  'too many restores in two streams': () => inTwoStreams(['q Q Q Q Q 1 0 0 1 50', '00 5000 cm']),
  'a narrow clip': () => page('0 0 5 5 re W n'),
  'a clip that is never finished': () => page('0 0 5 5 re W'),
  'invisible text that is never ended': () => page('BT /F 12 Tf 3 Tr 0 Tz 5 5 Td'),
  'a hidden group that is never closed': () => page('/OC /Hidden BDC', hideGroup),
  'a transparent state': () => page('/Unseen gs'),
  'a path that is never painted': () => page('0 0 m 500 500 l'),
  'a string with operators': () => page('BT /F 12 Tf (q \\( q \\) BT) Tj ET q 0.01 0 0 0.01 0 0 cm'),
  'a white annotation': () => page('', coveredBy({ Subtype: 'Square', T: 'cover' })),
  'a white annotation and a rotation': () =>
    page('', (each) => {
      coveredBy({ Subtype: 'FreeText' })(each);
      setAll(each.node, { Rotate: 90 });
    }),
  'inherited boxes and an inherited rotation': () =>
    inherited({ MediaBox: [0, 0, 700, 900], CropBox: [200, 300, 600, 800], Rotate: 270 }),
  'a crop box that extends beyond the media box': () => withEntries({ CropBox: [300, -500, 2000, 600] }),
  'boxes with swapped corners': () =>
    withEntries({ MediaBox: [595, 842, 0, 0], CropBox: [500, 800, 100, 200] }),
  'an origin far from zero': () =>
    withEntries({ MediaBox: [-1000, -2000, -400, -1200], CropBox: [-1000, -2000, -400, -1200] }),
  'a large unit': () => withEntries({ UserUnit: 3 }),
  'the size of a postage stamp': () => withEntries({ MediaBox: [0, 0, 120, 150], CropBox: [0, 0, 120, 150] }),
  'the size of a poster': () => withEntries({ MediaBox: [0, 0, 2500, 3500], CropBox: [0, 0, 2500, 3500] }),
};
