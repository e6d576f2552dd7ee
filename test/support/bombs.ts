import { constants, deflateRawSync } from 'node:zlib';

/* Small PDFs that take gigabytes or minutes to read. */

const BLOCK = 16 * 1024 * 1024;

/** Compresses spaces, any number of gigabytes. */
function spaces(bytes: number): Buffer {
  // Blocks that refer to nothing before them can be repeated.
  const block = deflateRawSync(Buffer.alloc(BLOCK, ' '), { finishFlush: constants.Z_FULL_FLUSH });
  return Buffer.concat([Buffer.from([0x78, 0x9c]), ...Array<Buffer>(bytes / BLOCK).fill(block)]);
}

/** Writes a PDF of one page and a further object. */
function pdfWith(object: Uint8Array): Buffer {
  return Buffer.concat([
    Buffer.from(
      '%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Count 1/Kids[3 0 R]>>\nendobj\n3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>\nendobj\n4 0 obj\n',
    ),
    object,
    Buffer.from('\nendobj\ntrailer\n<</Root 1 0 R/Size 5>>\nstartxref\n0\n%%EOF'),
  ]);
}

const stream = (dict: string, body: Uint8Array) =>
  pdfWith(
    Buffer.concat([
      Buffer.from(`<<${dict}/Length ${body.length}>>\nstream\n`),
      body,
      Buffer.from('\nendstream'),
    ]),
  );

const TWO_GIGABYTES = 2 ** 31;

/** Maps what is in each file that is too much for any memory. */
export const largeInside: Readonly<Record<string, () => Uint8Array>> = {
  'an object stream of 2 GB': () =>
    stream('/Type/ObjStm/N 1/First 4/Filter/FlateDecode', spaces(TWO_GIGABYTES)),
  'a cross-reference stream of 2 GB': () =>
    stream('/Type/XRef/Size 5/W[1 4 1]/Filter/FlateDecode', spaces(TWO_GIGABYTES)),
  'a page of 2 GB': () => stream('/Filter/FlateDecode', spaces(TWO_GIGABYTES)),
  'two billion cross-references': () =>
    stream('/Type/XRef/Size 5/W[1 4 1]/Index[0 2000000000]', new Uint8Array(60)),
};

/** Writes a PDF of 6 MB after whose end a parser looks for objects in vain for a minute. */
export const slow = () =>
  Buffer.concat([pdfWith(Buffer.from('<<>>')), Buffer.from('x 1 1 '.repeat(1_000_000))]);

/** Writes arrays in arrays, millions of them. */
export const deep = () => pdfWith(Buffer.from('['.repeat(2_000_000) + ']'.repeat(2_000_000)));
