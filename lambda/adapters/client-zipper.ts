import { makeZip, predictLength } from 'client-zip';
import type { Asset } from '../domain/records.ts';
import type { ZipEntry, Zipper } from '../domain/zip.ts';

/** Writes zips with client-zip: uncompressed, with UTF-8 names, and in Zip64 format only if necessary. */
export const clientZipper: Zipper = {
  sizeOf: (entries) => Number(predictLength(entries.map(({ name, asset }) => ({ name, size: asset.size })))),
  zip: (entries, open, at) => read(() => makeZip(inTurn(entries, open, at))),
};

async function* inTurn(
  entries: readonly ZipEntry[],
  open: (asset: Asset) => Promise<AsyncIterable<Uint8Array>>,
  lastModified: Date,
) {
  for (const { name, asset } of entries) yield { name, input: await open(asset), lastModified };
}

/**
 * Creates the zip only when somebody reads it, because client-zip opens the first file immediately. Cancels the zip if
 * the reader stops early. To cancel, client-zip throws an error into the current file's iterator, and the iterator
 * rethrows the error, which is ignored.
 */
async function* read(make: () => ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const zip = make();
  try {
    yield* zip.values({ preventCancel: true });
  } finally {
    await zip.cancel().catch(() => undefined);
  }
}
