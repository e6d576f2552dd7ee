import type { Asset } from './records.ts';

export interface ZipEntry {
  /** File name in the zip, unique among its entries. */
  readonly name: string;
  readonly asset: Asset;
}

/** Writes zips without compression. */
export interface Zipper {
  /** Returns the exact size of a zip with these entries, in bytes. */
  sizeOf(entries: readonly ZipEntry[]): number;
  /**
   * Writes a zip. Each file is opened when its turn comes.
   *
   * @param at modification time of the entries
   */
  zip(
    entries: readonly ZipEntry[],
    open: (asset: Asset) => Promise<AsyncIterable<Uint8Array>>,
    at: Date,
  ): AsyncIterable<Uint8Array>;
}

/**
 * Matches the characters that Windows forbids in a file name or at its end (Microsoft Learn, "Naming Files, Paths, and
 * Namespaces"). Its Explorer stops at an entry with such a name, and other software cuts the name off at the colon.
 */
const FORBIDDEN_ON_WINDOWS = /[<>:"|?*]|[. ]$/g;

/**
 * Returns the entries of a zip, each with a unique name without the characters that Windows forbids. Repeated names get
 * a number. Names that differ only in case or in Unicode normalization count as equal, because Windows or macOS would
 * write both files to the same place. File names contain no separators (asset-name.ts), so unpacking a zip cannot write
 * outside the target folder.
 */
export function entriesOf(assets: readonly Asset[]): readonly ZipEntry[] {
  const taken = new Set<string>();
  return assets.map((asset) => {
    // The name keeps its length, because the size of the zip depends on it.
    const fileName = asset.fileName.replace(FORBIDDEN_ON_WINDOWS, '_');
    const dot = fileName.lastIndexOf('.');
    const stem = dot > 0 ? fileName.slice(0, dot) : fileName;
    let name = fileName;
    for (let number = 2; taken.has(folded(name)); number += 1) {
      name = `${stem} (${number})${fileName.slice(stem.length)}`;
    }
    taken.add(folded(name));
    return { name, asset };
  });
}

const folded = (name: string): string => name.normalize('NFC').toLowerCase();

/** Returns a zip's asset, which has the first file's name and version. */
export function archiveOf(zipper: Zipper, first: Asset, more: readonly Asset[]): Asset {
  const { sha256: _none, ...asset } = first;
  const size = zipper.sizeOf(entriesOf([first, ...more]));
  return { ...asset, fileName: 'files.zip', type: 'application/zip', size };
}
