import { createHash } from 'node:crypto';
import type { FitsType } from '../../lambda/domain/uploads/ports.ts';
import type { Checksum, Declared } from '../../lambda/domain/uploads/upload.ts';

/** A test file, described by its first bytes and its size, so that a large file needs no memory. */
export interface SampleFile {
  readonly text: string;
  /** Size in bytes. */
  readonly size: number;
}

export function pdf(text = 'a report', size = 2048): SampleFile {
  return { text: `%PDF ${text}`, size };
}

/** Returns the checksum of a file. It differs whenever the text or the size does. */
export function checksumOf({ text, size }: SampleFile, kind: Checksum['kind']): Checksum {
  const hash = createHash('sha256').update(`${size} ${text}`).digest();
  return { kind, base64: hash.subarray(0, kind === 'sha256' ? 32 : 8).toString('base64') };
}

/** Returns what an honest client declares about a file. */
export function declared(file: SampleFile, kind: Checksum['kind'] = 'sha256'): Declared {
  return {
    fileName: 'report.pdf',
    size: file.size,
    type: 'application/pdf',
    checksum: checksumOf(file, kind),
  };
}

/** Returns whether the first bytes fit the type. Only a PDF has to begin in a certain way. */
export const fitsPdf: FitsType = async (type, firstBytes) =>
  type !== 'application/pdf' || new TextDecoder().decode(firstBytes).startsWith('%PDF');
