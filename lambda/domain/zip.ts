import type { Asset } from './records.ts';

/** Represents one file in a zip. */
export interface ZipEntry {
  /** The name in the zip, which no other entry has. */
  readonly name: string;
  readonly asset: Asset;
}

/** Writes zips, without compressing anything. */
export interface Zipper {
  /** Returns the exact size of a zip with these entries, in bytes. */
  sizeOf(entries: readonly ZipEntry[]): number;
  /**
   * Writes a zip. Each file is opened when its turn comes.
   *
   * @param at the time that the entries bear
   */
  zip(
    entries: readonly ZipEntry[],
    open: (asset: Asset) => Promise<AsyncIterable<Uint8Array>>,
    at: Date,
  ): AsyncIterable<Uint8Array>;
}

/**
 * Gives each file a name of its own. The later ones of equal names get a number. Names that differ in case only are equal on
 * Windows and macOS. A file's name has no separators (asset-name.ts), so that it stays in the folder where a zip is unpacked.
 */
export function entriesOf(assets: readonly Asset[]): readonly ZipEntry[] {
  const taken = new Set<string>();
  return assets.map((asset) => {
    const { fileName } = asset;
    const dot = fileName.lastIndexOf('.');
    const stem = dot > 0 ? fileName.slice(0, dot) : fileName;
    let name = fileName;
    for (let number = 2; taken.has(name.toLowerCase()); number += 1) {
      name = `${stem} (${number})${fileName.slice(stem.length)}`;
    }
    taken.add(name.toLowerCase());
    return { name, asset };
  });
}

/** Returns the zip of several files as if it were a file. Its name and version are those of the first. */
export function archiveOf(zipper: Zipper, first: Asset, more: readonly Asset[]): Asset {
  const { sha256: _none, ...asset } = first;
  const size = zipper.sizeOf(entriesOf([first, ...more]));
  return { ...asset, fileName: 'files.zip', type: 'application/zip', size };
}
