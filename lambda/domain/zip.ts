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
 * Returns the entries of a zip, each with a unique name: repeated names get a number. Names that differ only in case or
 * in Unicode normalization count as equal, because Windows or macOS would write both files to the same place. File names
 * contain no separators (asset-name.ts), so unpacking a zip cannot write outside the target folder.
 */
export function entriesOf(assets: readonly Asset[]): readonly ZipEntry[] {
  const taken = new Set<string>();
  return assets.map((asset) => {
    const { fileName } = asset;
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
