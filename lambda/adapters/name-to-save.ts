/** Longer names make the presigned URL too long for a header: see `LONGEST_TYPE` in s3-file-store.ts. */
const LONGEST_NAME_BYTES = 200;

/**
 * Returns the name to save the file under: whole if it is of ordinary length, else cut between two characters, with its
 * ending.
 */
export function nameToSave(fileName: string): string {
  if (Buffer.byteLength(fileName) <= LONGEST_NAME_BYTES) return fileName;
  const dot = fileName.lastIndexOf('.');
  const ending = dot > 0 && fileName.length - dot <= 10 ? fileName.slice(dot) : '';
  let kept = '';
  for (const { segment } of new Intl.Segmenter().segment(fileName)) {
    if (Buffer.byteLength(kept + segment + ending) > LONGEST_NAME_BYTES) break;
    kept += segment;
  }
  return kept + ending;
}
