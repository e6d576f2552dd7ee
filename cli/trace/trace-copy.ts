import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { parseTokenId, type TokenId } from '../../lambda/operator.ts';
import { scanned } from '../tables/rows.ts';
import type { Tables } from '../tables/tables.ts';

/** The links that a copy comes from, and how they were found. */
export interface Trace {
  /** `unchanged`: a receipt has the hash of this file; `changed`: only the IDs in the file lead to links. */
  readonly copy: 'unchanged' | 'changed';
  readonly tokenIds: readonly TokenId[];
}

/** Finds the links that a copy comes from. Reads all receipts, because no index covers the hashes of copies. */
export async function traceCopy(
  tables: Pick<Tables, 'client' | 'signal' | 'receiptTable'>,
  file: Buffer,
): Promise<Trace> {
  const receipts = scanned<{ readonly tokenId: TokenId }>(tables, {
    TableName: tables.receiptTable,
    FilterExpression: 'stampedSha256 = :sha256',
    ExpressionAttributeValues: { ':sha256': createHash('sha256').update(file).digest('hex') },
    ProjectionExpression: 'tokenId',
  });
  for await (const { tokenId } of receipts) return { copy: 'unchanged', tokenIds: [tokenId] };
  return { copy: 'changed', tokenIds: linkIdsIn(file) };
}

/** Matches the link ID that a stamp adds to a page (lambda/adapters/pdf-stamper.ts), with any spacing. */
const MARK = /\/TvmLink\s*<<\s*\/Id\s*\(([0-9a-f]{32})\)/g;

/** Maximum size of a stream that is searched, in bytes after decompression. */
const LARGEST_STREAM = 64 * 1024 * 1024;

/**
 * Returns the link IDs in a PDF's stamps. The pages may come from several copies. Anyone can write an ID into a file, so
 * an ID proves less than the hash of an unchanged copy.
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

/**
 * Yields each zlib-compressed stream, decompressed. Skips all others. The word `stream` may also be part of a title or a
 * bookmark. So what follows is searched even if it cannot be decompressed, because it may contain the next stream.
 */
function* streamsIn(pdf: Buffer): Generator<Buffer> {
  for (let at = pdf.indexOf('stream'); at >= 0; at = pdf.indexOf('stream', at + 6)) {
    const start = at + 'stream'.length + (pdf[at + 6] === 0x0d ? 2 : 1);
    const end = pdf.indexOf('endstream', start);
    if (end < 0) return;
    try {
      yield inflateSync(pdf.subarray(start, end), { maxOutputLength: LARGEST_STREAM });
      at = end + 'end'.length;
    } catch {
      // The stream uses another compression, or is encrypted, damaged, or too large.
    }
  }
}
