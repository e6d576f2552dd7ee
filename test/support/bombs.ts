import { constants, deflateRawSync } from 'node:zlib';
import { pdfWith } from './pdfs.ts';

/* Small PDFs that take gigabytes or minutes to read. */

const BLOCK = 16 * 1024 * 1024;

/** Compresses spaces, any number of gigabytes. */
function spaces(bytes: number): Buffer {
  // Blocks that refer to nothing before them can be repeated.
  const block = deflateRawSync(Buffer.alloc(BLOCK, ' '), { finishFlush: constants.Z_FULL_FLUSH });
  return Buffer.concat([Buffer.from([0x78, 0x9c]), ...Array<Buffer>(bytes / BLOCK).fill(block)]);
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
