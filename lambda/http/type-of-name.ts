import mime from 'mime';

/** Returns the media type that a name ends in; `undefined` if the ending says none. */
export function typeOfName(fileName: string): string | undefined {
  return mime.getType(fileName) ?? undefined;
}
