import { inflateSync } from 'node:zlib';
import { parseTokenId, type TokenId } from '../../lambda/operator.ts';

/** Finds what the stamp of a page says in its content (lambda/adapters/pdf-stamper.ts), however a program has spaced it. */
const MARK = /\/TvmLink\s*<<\s*\/Id\s*\(([0-9a-f]{32})\)/g;

/** Limits what is read of one compressed stream, in bytes. */
const LARGEST_STREAM = 64 * 1024 * 1024;

/**
 * Returns the IDs of the links whose copies a PDF, or pages of it, come from. Anyone can write an ID into a file, so it
 * tells less than the hash of an unchanged copy.
 */
export function linkIdsIn(pdf: Buffer): readonly TokenId[] {
  const found = new Set<TokenId>();
  const look = (bytes: Buffer) => {
    for (const [, id = ''] of bytes.toString('latin1').matchAll(MARK)) {
      const tokenId = parseTokenId(id);
      if (tokenId !== undefined) found.add(tokenId);
    }
  };
  look(pdf);
  for (const stream of streamsIn(pdf)) look(stream);
  return [...found];
}

/** Returns the content of each stream that is compressed as nearly all are. Others are skipped. */
function* streamsIn(pdf: Buffer): Generator<Buffer> {
  for (let at = pdf.indexOf('stream'); at >= 0; at = pdf.indexOf('stream', at + 6)) {
    const start = at + 'stream'.length + (pdf[at + 6] === 0x0d ? 2 : 1);
    const end = pdf.indexOf('endstream', start);
    if (end < 0) return;
    try {
      yield inflateSync(pdf.subarray(start, end), { maxOutputLength: LARGEST_STREAM });
    } catch {
      // It is compressed in another way, encrypted, or damaged.
    }
    at = end + 'end'.length;
  }
}
