import { createHash } from 'node:crypto';
import type { RefusalOf } from './errors.ts';
import type { EmailAddress, TokenId } from './ids.ts';
import type { OpenFile } from './ports.ts';
import { fail, ok, type Result } from './result.ts';

/** Content of the watermark on each page of a copy. */
export interface Mark {
  /**
   * The person whom the copy is for: a name, an address, or both. Empty if neither is known, because the caller hands
   * out the link.
   */
  readonly names: readonly string[];
  readonly tokenId: TokenId;
  readonly at: Date;
}

/** Codes for the reasons why a file cannot be stamped. */
export const UNSTAMPABLE = [
  'pdf_encrypted',
  'pdf_signed',
  'pdf_unreadable',
  'pdf_too_large',
  'pdf_too_complex',
  'name_unprintable',
] as const;

export type Unstampable = RefusalOf<(typeof UNSTAMPABLE)[number]>;

export interface Stamper {
  /** Returns a copy with the mark on every page, or the reason why the file cannot be stamped. */
  stamp(pdf: Uint8Array, mark: Mark): Promise<Result<Uint8Array, Unstampable>>;
}

/** SHA-256 of a file and of its stamped copy, in hex. */
export interface CopyHashes {
  readonly originalSha256: string;
  readonly stampedSha256: string;
}

/** Stamped copy that is sent instead of the original file. */
export interface StampedCopy {
  readonly file: OpenFile;
  readonly hashes: CopyHashes;
}

/**
 * Largest file that is stamped, in bytes. During stamping, a file is in memory several times: as the original, parsed,
 * and written. Files up to this size fit into the memory of the functions (test/journey/watermark.deep.test.ts).
 */
export const LARGEST_STAMPED = 25_000_000;

/** Size of the chunks in which a copy is sent, in bytes. */
const CHUNK = 65_536;

/** Returns the names on a copy: the watermark's name, then the address. */
export function namesOn(name: string | undefined, address: EmailAddress | undefined): readonly string[] {
  return [name, address].filter((one) => one !== undefined);
}

/** Reads a file and stamps it. The caller closes the file. */
export async function stampFile(
  stamper: Stamper,
  { asset, disposition, bytes }: OpenFile,
  mark: Mark,
): Promise<Result<StampedCopy, Unstampable>> {
  if (asset.size > LARGEST_STAMPED) return fail({ code: 'pdf_too_large' });
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  const original = Buffer.concat(pieces);
  const stamped = await stamper.stamp(original, mark);
  if (!stamped.ok) return stamped;
  const copy = stamped.value;
  const hashes = { originalSha256: sha256(original), stampedSha256: sha256(copy) };
  const file: OpenFile = {
    asset: { ...asset, size: copy.length, sha256: hashes.stampedSha256 },
    type: 'application/pdf',
    disposition,
    bytes: inChunks(copy),
    abort: () => undefined,
  };
  return ok({ file, hashes });
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function* inChunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
}
