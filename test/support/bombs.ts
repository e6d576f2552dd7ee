import { constants, deflateRawSync } from 'node:zlib';
import { pdfWith } from './pdfs.ts';

/* Small PDFs that take gigabytes of memory or minutes to read. */

const BLOCK = 16 * 1024 * 1024;

/** Returns compressed spaces. Their number must be a multiple of `BLOCK`. */
function spaces(bytes: number): Buffer {
  // A block can be repeated if it does not refer to earlier blocks.
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

/** Files that do not fit into memory when they are read, keyed by the part that is too large. */
export const largeInside: Readonly<Record<string, () => Uint8Array>> = {
  'an object stream of 2 GB': () =>
    stream('/Type/ObjStm/N 1/First 4/Filter/FlateDecode', spaces(TWO_GIGABYTES)),
  'a cross-reference stream of 2 GB': () =>
    stream('/Type/XRef/Size 5/W[1 4 1]/Filter/FlateDecode', spaces(TWO_GIGABYTES)),
  'a page of 2 GB': () => stream('/Filter/FlateDecode', spaces(TWO_GIGABYTES)),
  'two billion cross-references': () =>
    stream('/Type/XRef/Size 5/W[1 4 1]/Index[0 2000000000]', new Uint8Array(60)),
};

/** Returns a 6 MB PDF that makes a parser spend a minute searching for objects that do not exist. */
export const slow = () =>
  Buffer.concat([pdfWith(Buffer.from('<<>>')), Buffer.from('x 1 1 '.repeat(1_000_000))]);

/** Returns a PDF with millions of nested arrays. */
export const deep = () => pdfWith(Buffer.from('['.repeat(2_000_000) + ']'.repeat(2_000_000)));
