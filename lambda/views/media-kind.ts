/** A file's kind, in everyday terms. The message catalogs contain the words for it. */
export type MediaKind =
  | 'pdf'
  | 'text-document'
  | 'spreadsheet'
  | 'presentation'
  | 'ebook'
  | 'plain-text'
  | 'web-page'
  | 'calendar'
  | 'archive'
  | 'program'
  | 'data'
  | 'image'
  | 'audio'
  | 'video'
  | 'font'
  | 'other';

const EXACT: ReadonlyMap<string, MediaKind> = new Map([
  ['application/pdf', 'pdf'],
  ['application/msword', 'text-document'],
  ['application/rtf', 'text-document'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'text-document'],
  ['application/vnd.oasis.opendocument.text', 'text-document'],
  ['application/vnd.ms-excel', 'spreadsheet'],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'spreadsheet'],
  ['application/vnd.oasis.opendocument.spreadsheet', 'spreadsheet'],
  ['text/csv', 'spreadsheet'],
  ['text/tab-separated-values', 'spreadsheet'],
  ['application/vnd.ms-powerpoint', 'presentation'],
  ['application/vnd.openxmlformats-officedocument.presentationml.presentation', 'presentation'],
  ['application/vnd.oasis.opendocument.presentation', 'presentation'],
  ['application/epub+zip', 'ebook'],
  ['application/x-mobipocket-ebook', 'ebook'],
  ['text/html', 'web-page'],
  ['application/xhtml+xml', 'web-page'],
  ['text/calendar', 'calendar'],
  ['application/zip', 'archive'],
  ['application/x-zip-compressed', 'archive'],
  ['application/gzip', 'archive'],
  ['application/x-gzip', 'archive'],
  ['application/x-tar', 'archive'],
  ['application/x-bzip2', 'archive'],
  ['application/x-xz', 'archive'],
  ['application/zstd', 'archive'],
  ['application/x-7z-compressed', 'archive'],
  ['application/vnd.rar', 'archive'],
  ['application/x-rar-compressed', 'archive'],
  ['application/java-archive', 'program'],
  ['application/vnd.android.package-archive', 'program'],
  ['application/vnd.microsoft.portable-executable', 'program'],
  ['application/x-apple-diskimage', 'program'],
  ['application/x-msdownload', 'program'],
  ['application/x-msdos-program', 'program'],
  ['application/x-msi', 'program'],
  ['application/x-sh', 'program'],
  ['application/x-executable', 'program'],
  ['application/json', 'data'],
  ['application/xml', 'data'],
  ['text/xml', 'data'],
  ['application/yaml', 'data'],
  ['application/x-sqlite3', 'data'],
  ['application/vnd.sqlite3', 'data'],
  ['application/vnd.apache.parquet', 'data'],
]);

const BY_FAMILY: ReadonlyMap<string, MediaKind> = new Map([
  ['text', 'plain-text'],
  ['image', 'image'],
  ['audio', 'audio'],
  ['video', 'video'],
  ['font', 'font'],
]);

const BY_SUFFIX: ReadonlyMap<string, MediaKind> = new Map([
  ['json', 'data'],
  ['xml', 'data'],
  ['zip', 'archive'],
  ['gzip', 'archive'],
]);

/** Returns the kind of file that a media type stands for. Parameters and case are ignored (RFC 9110, section 8.3.1). */
export function mediaKindOf(mediaType: string): MediaKind {
  const essence = (mediaType.split(';', 1)[0] ?? '').trim().toLowerCase();
  const family = essence.split('/', 1)[0] ?? '';
  const suffix = essence.slice(essence.lastIndexOf('+') + 1);
  return EXACT.get(essence) ?? BY_FAMILY.get(family) ?? BY_SUFFIX.get(suffix) ?? 'other';
}
