import { create as contentDisposition } from 'content-disposition';

/**
 * Longest file name in a header, in bytes. API Gateway sends at most 10,240 bytes of headers, and the URL in `Location`
 * contains the key, the name, and the type, escaped once or twice (API Gateway Developer Guide, "Quotas for configuring
 * and running a REST API"). If the URL were too long, the token would be spent before the response failed.
 */
const LONGEST_NAME_BYTES = 200;

/**
 * Returns the Content-Disposition header, in ASCII, that makes a browser save the file under its name (RFC 6266), without
 * dots at its beginning. Most browsers drop those dots, but `curl -OJ` keeps them, and programs read hidden files such as
 * `.npmrc` as their settings.
 */
export function dispositionOf(fileName: string): string {
  return contentDisposition(nameToSave(fileName.replace(/^\.+/, '') || 'file'));
}

/**
 * Returns the name to save the file under. A long name is shortened without splitting a visible character. It keeps an
 * extension of up to nine characters. Without one, it gets an underscore at its end. Otherwise, a file that is shown as
 * `….exe.pdf (final version)` could be saved as `….exe`.
 */
function nameToSave(fileName: string): string {
  if (Buffer.byteLength(fileName) <= LONGEST_NAME_BYTES) return fileName;
  const dot = fileName.lastIndexOf('.');
  const ending = dot > 0 && fileName.length - dot <= 10 ? fileName.slice(dot) : '_';
  let kept = '';
  for (const { segment } of new Intl.Segmenter().segment(fileName)) {
    if (Buffer.byteLength(kept + segment + ending) > LONGEST_NAME_BYTES) break;
    kept += segment;
  }
  return kept + ending;
}
