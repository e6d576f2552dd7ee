import { fileTypeFromBuffer, supportedMimeTypes } from 'file-type';
import type { FitsType } from '../domain/uploads/ports.ts';

/** Type that fits every file, because it says nothing about the content. */
const ANYTHING = 'application/octet-stream';

/** Aliases of types, mapped to the names that file-type uses. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['application/font-woff', 'font/woff'],
  ['application/vnd.microsoft.portable-executable', 'application/x-msdownload'],
  ['application/vnd.rar', 'application/x-rar-compressed'],
  ['application/vnd.sqlite3', 'application/x-sqlite3'],
  ['application/x-bzip', 'application/x-bzip2'],
  ['application/x-gzip', 'application/gzip'],
  ['application/x-rar', 'application/x-rar-compressed'],
  ['application/x-zip-compressed', 'application/zip'],
  ['audio/mp3', 'audio/mpeg'],
  ['audio/wave', 'audio/wav'],
  ['audio/x-aiff', 'audio/aiff'],
  ['audio/x-flac', 'audio/flac'],
  ['audio/x-m4a', 'audio/mp4'],
  ['audio/x-wav', 'audio/wav'],
  ['image/heic-sequence', 'image/heic'],
  ['image/heif-sequence', 'image/heif'],
  ['image/jpg', 'image/jpeg'],
  ['image/vnd.microsoft.icon', 'image/x-icon'],
  ['image/x-ms-bmp', 'image/bmp'],
  ['text/rtf', 'application/rtf'],
  ['video/avi', 'video/vnd.avi'],
  ['video/x-matroska', 'video/matroska'],
  ['video/x-msvideo', 'video/vnd.avi'],
]);

/** Types that use another type's format as a container. A file's first bytes may identify only the container. */
const CONTAINERS: readonly { readonly container: string; readonly contents: RegExp }[] = [
  {
    container: 'application/zip',
    contents:
      /^application\/(?:epub\+zip|java-archive|x-xpinstall|vnd\.(?:openxmlformats-officedocument|oasis\.opendocument|android\.package-archive|apple\.(?:keynote|numbers|pages)|ms-(?:word|excel|powerpoint)\..+\.macroenabled|visio).*)$|^model\/3mf$|\+zip$/,
  },
  {
    container: 'application/x-cfb',
    contents: /^application\/(?:msword|x-msi|vnd\.(?:ms-(?:excel|powerpoint|outlook|project)|visio))$/,
  },
  { container: 'application/gzip', contents: /\+gzip$/ },
  { container: 'application/ogg', contents: /^(?:audio|video)\/ogg$/ },
  { container: 'application/postscript', contents: /^application\/eps$/ },
  { container: 'image/heif', contents: /^image\/heic$/ },
  { container: 'image/png', contents: /^image\/apng$/ },
  { container: 'image/tiff', contents: /^image\/x-(?:adobe-dng|canon-cr2|nikon-nef|sony-arw)$/ },
  { container: 'video/matroska', contents: /^(?:audio|video)\/webm$|^audio\/matroska$/ },
  { container: 'video/mp4', contents: /^audio\/mp4$|^video\/(?:quicktime|x-m4v|3gpp2?)$/ },
];

/** Matches types whose files are text. */
const TEXT =
  /^text\/|^application\/(?:javascript|json|sql|toml|x-ndjson|x-sh|xml|yaml)$|^image\/svg\+xml$|\+(?:json|xml|yaml)$/;

/** Matches types of text that may be web pages or scripts. */
const ACTIVE =
  /^(?:text\/(?:html|javascript|x-(?:perl|php|python|ruby|sh|shellscript))|application\/(?:javascript|x-sh|xhtml\+xml))$/;

/** Matches types of text that older programs write in a single-byte encoding. */
const SINGLE_BYTE = /^text\/(?:plain|csv|tab-separated-values)$/;

/**
 * Types whose signature counts even if the whole file is text. Other signatures, such as `BM` or `MAC `, can also be
 * the start of ordinary text.
 */
const WRITTEN_AS_TEXT = [
  'application/eps',
  'application/pdf',
  'application/postscript',
  'application/rtf',
  'application/x-msdownload',
];

/** Matches types of archives. Archives may contain files of any type, in some cases uncompressed. */
const ARCHIVE = /^application\/(?:gzip|x-tar|x-7z-compressed|x-rar-compressed|x-cpio|x-unix-archive|zip)$/;

/**
 * Matches the beginning of a web page or a script, even after a byte order mark, spaces, a declaration, or comments. A
 * comment ends only at its first `-->`. Otherwise, each comment would double the matching time.
 */
const ACTIVE_BEGINNING =
  /^\ufeff?\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->)[\s\S])*-->\s*)*(?:#!|<\?php|<!doctype html|<(?:html|head|body|script|iframe)\b)/i;

/** Matches content that browsers or interpreters may take for a page or a script. `#!` counts only at the beginning. */
const ACTIVE_INSIDE = /^#!|<\?php|<!doctype html|<(?:html|script|iframe)\b/i;

/** Number of bytes in which browsers look for markup (MIME Sniffing Standard, "Reading the resource header"). */
const SNIFFED_BYTES = 1445;

/**
 * Signatures of formats that file-type cannot always recognize from the beginning of a file. Many programs write a
 * TIFF's directory at the end of the file, and compressed data in an archive may be cut off.
 */
const SIGNATURES: readonly (readonly [string, string])[] = [
  ['II*\0', 'image/tiff'],
  ['MM\0*', 'image/tiff'],
  ['PK\x03\x04', 'application/zip'],
  ['\x1f\x8b\x08', 'application/gzip'],
];

/** Characters that do not occur in text (MIME Sniffing Standard, "binary data byte"). */
const BINARY = String.raw`\u0000-\u0008\u000b\u000e-\u001a\u001c-\u001f`;
const HAS_BINARY = new RegExp(`[${BINARY}]`);

const DETECTABLE: ReadonlySet<string> = new Set([...supportedMimeTypes].map(canonical));

/**
 * Returns whether a file of this type can begin with these bytes. Pages and scripts fit only their own types, even
 * after another type's signature. Archives are not searched for them, and every file fits `application/octet-stream`.
 */
export const fitsType: FitsType = async (type, firstBytes) => {
  const declared = canonical(type);
  if (declared === ANYTHING) return true;
  const detected = await detect(firstBytes);
  if (TEXT.test(declared)) return fitsText(declared, detected, firstBytes);
  if (!isArchive(declared)) {
    const sniffed = Buffer.from(firstBytes.subarray(0, SNIFFED_BYTES)).toString('latin1');
    if (ACTIVE_INSIDE.test(sniffed)) return false;
  }
  if (detected === undefined) return !DETECTABLE.has(declared) && containerOf(declared) === undefined;
  return detected === declared || detected === containerOf(declared) || containerOf(detected) === declared;
};

function fitsText(declared: string, detected: string | undefined, firstBytes: Uint8Array): boolean {
  const text = textOf(firstBytes) ?? (SINGLE_BYTE.test(declared) ? singleByteText(firstBytes) : undefined);
  if (text === undefined || WRITTEN_AS_TEXT.includes(detected ?? '')) return false;
  if (declared === 'image/svg+xml' && !/<svg\b/.test(text)) return false;
  return ACTIVE.test(declared) || !ACTIVE_BEGINNING.test(text.slice(0, SNIFFED_BYTES));
}

/** Returns the type detected from the first bytes of a file, without parameters; `undefined` if none is detected. */
async function detect(firstBytes: Uint8Array): Promise<string | undefined> {
  // file-type throws if data that it needs is damaged, or missing from the first bytes.
  const found = await fileTypeFromBuffer(firstBytes).catch(() => undefined);
  if (found !== undefined) return canonical(found.mime.replace(/;.*$/, ''));
  const begins = Buffer.from(firstBytes.subarray(0, 4)).toString('latin1');
  return SIGNATURES.find(([signature]) => begins.startsWith(signature))?.[1];
}

function canonical(type: string): string {
  return ALIASES.get(type) ?? type;
}

function containerOf(type: string): string | undefined {
  return CONTAINERS.find(({ contents }) => contents.test(type))?.container;
}

function isArchive(type: string): boolean {
  return ARCHIVE.test(type) || ARCHIVE.test(containerOf(type) ?? '');
}

/**
 * Decodes text in a single-byte encoding, such as a CSV file that a spreadsheet program saved on Windows; returns
 * `undefined` for binary data.
 */
function singleByteText(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes).toString('latin1');
  return HAS_BINARY.test(text) ? undefined : text;
}

/**
 * Decodes UTF-8, or UTF-16 with a byte order mark; returns `undefined` for anything else, and for text with binary
 * characters.
 */
function textOf(bytes: Uint8Array): string | undefined {
  const mark = Buffer.from(bytes.subarray(0, 2)).toString('hex');
  const encoding = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8';
  try {
    // `stream` allows the last character to be incomplete.
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
    return HAS_BINARY.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
