import { randomBytes } from 'node:crypto';
import { crc32, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fitsType } from '../../../lambda/adapters/file-type.ts';
import { EICAR } from '../../../laptop/test/support/eicar.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');

/** Returns a ZIP archive. `stored` files are not compressed. */
function zip(
  files: Readonly<Record<string, string | Buffer>>,
  method: 'stored' | 'deflated' = 'deflated',
): Buffer {
  const entries = Object.entries(files).map(([name, content]) => {
    const plain = Buffer.from(content);
    const data = method === 'stored' ? plain : deflateRawSync(plain);
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt16LE(method === 'stored' ? 0 : 8, 4);
    facts.writeUInt32LE(crc32(plain), 10);
    facts.writeUInt32LE(data.length, 14);
    facts.writeUInt32LE(plain.length, 18);
    facts.writeUInt16LE(Buffer.byteLength(name), 22);
    return { name: Buffer.from(name), facts, data };
  });
  const local = entries.map(({ name, facts, data }) =>
    Buffer.concat([latin1('PK\x03\x04'), facts, name, data]),
  );
  let offset = 0;
  const central = entries.map(({ name, facts }, index) => {
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    offset += local[index]?.length ?? 0;
    return Buffer.concat([latin1('PK\x01\x02\x14\x00'), facts, place, name]);
  });
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(Buffer.concat(central).length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, ...central, latin1('PK\x05\x06'), end]);
}

const OPEN_XML = 'application/vnd.openxmlformats-officedocument';
const OPEN_DOCUMENT = 'application/vnd.oasis.opendocument';

const openXml = (folder: string, kind: string) =>
  zip({
    '[Content_Types].xml': `<?xml version="1.0"?><Types><Override ContentType="${OPEN_XML}.${kind}.main+xml"/></Types>`,
    [`${folder}/document.xml`]: '<document/>',
  });

const openDocument = (kind: string) =>
  zip({ mimetype: `${OPEN_DOCUMENT}.${kind}`, 'content.xml': '<office:document/>' }, 'stored');

function pngChunk(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const named = Buffer.concat([latin1(type), data]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** Returns a PNG of one gray pixel, with these chunks before its image data. */
const png = (...more: Buffer[]) =>
  Buffer.concat([
    latin1('\x89PNG\r\n\x1a\n'),
    pngChunk('IHDR', Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0])),
    ...more,
    pngChunk('IDAT', deflateSync(Buffer.from([0, 128]))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);

/** Returns a TIFF with its directory at this offset, cut off after the 64 KiB that finalize reads. */
function tiff(directoryAt: number): Buffer {
  const file = Buffer.alloc(directoryAt + 20);
  file.write('II*\0', 'latin1');
  file.writeUInt32LE(directoryAt, 4);
  file.writeUInt16LE(1, directoryAt);
  file.writeUInt16LE(0x100, directoryAt + 2);
  file.writeUInt16LE(3, directoryAt + 4);
  file.writeUInt32LE(1, directoryAt + 6);
  return file.subarray(0, 65_536);
}

/** Returns the beginning of a file in the ISO base media file format. */
const ftyp = (brand: string) =>
  Buffer.concat([Buffer.from([0, 0, 0, 20]), latin1(`ftyp${brand}\0\0\0\0${brand}`)]);

const PDF = latin1(
  '%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
);
const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
const JPEG = Buffer.concat([
  Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'),
  Buffer.from('ffd9', 'hex'),
]);
const WEBP = Buffer.from('UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA', 'base64');
const EXE = Buffer.concat([latin1('MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0'), Buffer.alloc(64)]);
const ELF = Buffer.concat([Buffer.from('7f454c4602010100', 'hex'), Buffer.alloc(56)]);
const MP3 = Buffer.concat([latin1('ID3\x04\0\0\0\x7f\x7f\x7f'), randomBytes(500)]);
const CFB = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(504)]);
const HTML = Buffer.from('\n<!DOCTYPE html><html><script>alert(1)</script></html>');
const JAR = zip({ 'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\n', 'A.class': '\xca\xfe\xba\xbe' });
const DOCX = openXml('word', 'wordprocessingml.document');
const XLSX = openXml('xl', 'spreadsheetml.sheet');
const ZIP = zip({ 'a.txt': 'hello' });
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
const bigEndian = (text: string) => utf16(text).swap16();

describe('the first bytes of a file', () => {
  test.each<[string, string, Buffer]>([
    ['a PDF', 'application/pdf', PDF],
    ['a PNG', 'image/png', png()],
    [
      'a PNG with a long profile',
      'image/png',
      png(pngChunk('iCCP', randomBytes(90_000))).subarray(0, 65_536),
    ],
    ['an animated PNG', 'image/png', png(pngChunk('acTL', Buffer.alloc(8)))],
    ['a JPEG', 'image/jpeg', JPEG],
    ['a JPEG declared as image/jpg, a common mistake', 'image/jpg', JPEG],
    ['a GIF', 'image/gif', GIF],
    ['a WebP', 'image/webp', WEBP],
    ['a TIFF', 'image/tiff', tiff(8)],
    ['a TIFF with its directory at the end', 'image/tiff', tiff(90_000)],
    ['a HEIC', 'image/heic', ftyp('heic')],
    ['a HEIC with a generic brand', 'image/heic', ftyp('mif1')],
    ['an MP4', 'video/mp4', ftyp('isom')],
    ['an MP4 with audio only', 'audio/mp4', ftyp('M4A ')],
    ['an MP3 with a long cover', 'audio/mpeg', MP3],
    ['a ZIP', 'application/zip', ZIP],
    ['a ZIP with the type that Windows uses', 'application/x-zip-compressed', ZIP],
    ['an empty ZIP', 'application/zip', latin1(`PK\x05\x06${'\0'.repeat(18)}`)],
    ['a ZIP with an HTML page in it', 'application/zip', zip({ 'index.html': HTML }, 'stored')],
    ['a ZIP that is a document', 'application/zip', DOCX],
    ['a DOCX', `${OPEN_XML}.wordprocessingml.document`, DOCX],
    ['an XLSX', `${OPEN_XML}.spreadsheetml.sheet`, XLSX],
    ['a PPTX', `${OPEN_XML}.presentationml.presentation`, openXml('ppt', 'presentationml.presentation')],
    ['a DOCX that looks like an ordinary ZIP', `${OPEN_XML}.wordprocessingml.document`, ZIP],
    [
      'a DOCX whose list of contents is truncated',
      `${OPEN_XML}.wordprocessingml.document`,
      DOCX.subarray(0, 80),
    ],
    ['an ODT', `${OPEN_DOCUMENT}.text`, openDocument('text')],
    ['an ODS', `${OPEN_DOCUMENT}.spreadsheet`, openDocument('spreadsheet')],
    ['an ODP', `${OPEN_DOCUMENT}.presentation`, openDocument('presentation')],
    ['an EPUB', 'application/epub+zip', zip({ mimetype: 'application/epub+zip', a: 'x' }, 'stored')],
    ['a JAR', 'application/java-archive', JAR],
    ['an APK', 'application/vnd.android.package-archive', ZIP],
    ['an old DOC', 'application/msword', CFB],
    ['a GZIP', 'application/gzip', gzipSync('hello')],
    ['a GZIP that unpacks to 100 MB', 'application/gzip', gzipSync(Buffer.alloc(1e8)).subarray(0, 65_536)],
    ['an RTF', 'text/rtf', Buffer.from('{\\rtf1 hello}')],
    ['an executable', 'application/x-msdownload', EXE],
    ['text', 'text/plain', Buffer.from('Grüße – 你好 🎉\n')],
    ['text that is cut off within a character', 'text/plain', Buffer.from('Grüße 你好').subarray(0, -1)],
    ['text in UTF-16', 'text/plain', utf16('Grüße')],
    ['text in UTF-16 with the other byte order', 'text/csv', bigEndian('a,b\n')],
    ['text that begins like a bitmap', 'text/csv', Buffer.from('BMW,3\nAudi,4\n')],
    ['text that begins like audio', 'text/plain', Buffer.from('MAC addresses of the second floor\n')],
    ['text in colors', 'text/plain', Buffer.from('\x1b[31mred\x1b[0m\n')],
    ['the EICAR file, which the scanner judges', 'text/plain', Buffer.from(EICAR)],
    ['Markdown that begins with HTML', 'text/markdown', Buffer.from('<h1 align="center">Title</h1>\n')],
    ['CSV', 'text/csv', Buffer.from('name;amount\r\nÄrzte;3\r\n')],
    ['CSV as Windows saves it', 'text/csv', latin1('name;amount\r\n\xc4rzte;3\r\n')],
    ['JSON', 'application/json', Buffer.from('{"a": [1, 2]}')],
    ['JSON with a more specific type', 'application/geo+json', Buffer.from('{"type": "Feature"}')],
    ['XML', 'application/xml', Buffer.from('<?xml version="1.0"?><a/>')],
    ['XML in UTF-16', 'text/xml', utf16('<?xml version="1.0" encoding="utf-16"?><a/>')],
    ['SVG', 'image/svg+xml', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['SVG with a prolog', 'image/svg+xml', Buffer.from('<?xml version="1.0"?>\n<!-- by hand -->\n<svg/>')],
    ['an HTML page declared as HTML', 'text/html', HTML],
    ['a script declared as a script', 'application/x-sh', Buffer.from('#!/bin/sh\nls\n')],
    ['any bytes as application/octet-stream', 'application/octet-stream', EXE],
    ['unknown bytes as an unknown type', 'application/vnd.example', randomBytes(1).fill(1)],
  ])('match their type: %s', async (_what, type, bytes) => {
    expect(await fitsType(type, bytes)).toBe(true);
  });

  test.each<[string, string, Buffer]>([
    ['an executable as a PDF', 'application/pdf', EXE],
    ['an executable as a DOCX', `${OPEN_XML}.wordprocessingml.document`, EXE],
    ['an ELF as an image', 'image/png', ELF],
    ['an executable as text', 'text/plain', EXE],
    ['an executable of printable characters as text', 'text/plain', Buffer.from('MZXXXXXX')],
    ['an executable as an unknown type', 'application/vnd.example', EXE],
    ['an HTML page as a PDF', 'application/pdf', HTML],
    ['an HTML page before a PDF', 'application/pdf', Buffer.concat([HTML, PDF])],
    ['a PDF that is also an HTML page', 'application/pdf', Buffer.concat([PDF, HTML])],
    ['a GIF that is also an HTML page', 'image/gif', latin1('GIF89a/*<script>alert(1)</script>*/')],
    ['a GIF that is also PHP', 'image/gif', Buffer.concat([GIF, Buffer.from('<?php system($x);')])],
    ['an HTML page as text', 'text/plain', HTML],
    [
      'an HTML page as Markdown',
      'text/markdown',
      Buffer.from('<!-- x --> <script src="//example.org"></script>'),
    ],
    ['an HTML page as XML', 'application/xml', Buffer.from('<?xml version="1.0"?><html><script/></html>')],
    ['an HTML page as SVG', 'image/svg+xml', Buffer.from('<html><svg/></html>')],
    ['an HTML page in UTF-16 as CSV', 'text/csv', utf16('<html>')],
    ['a script as CSV', 'text/csv', Buffer.from('#!/bin/sh\nrm -r ~\n')],
    ['a script as an unknown type', 'application/vnd.example', Buffer.from('#!/bin/sh\n')],
    ['a PDF as an image', 'image/png', PDF],
    ['a PDF as text', 'text/plain', Buffer.from('%PDF-1.4\n1 0 obj\n')],
    ['PostScript as text', 'text/plain', Buffer.from('%!PS-Adobe-3.0\n')],
    ['an image as a PDF', 'application/pdf', png()],
    ['a PNG as a JPEG', 'image/jpeg', png()],
    ['an XLSX as a DOCX', `${OPEN_XML}.wordprocessingml.document`, XLSX],
    ['a JAR as a DOCX', `${OPEN_XML}.wordprocessingml.document`, JAR],
    ['a JAR as an image', 'image/png', JAR],
    ['a ZIP as a GZIP', 'application/gzip', ZIP],
    ['a ZIP as text', 'text/csv', ZIP],
    ['text as a PDF', 'application/pdf', Buffer.from('hello')],
    ['text as a DOCX', `${OPEN_XML}.wordprocessingml.document`, Buffer.from('hello')],
    ['text as an old DOC', 'application/msword', Buffer.from('hello')],
    ['JSON as SVG', 'image/svg+xml', Buffer.from('{}')],
    ['text with a NUL', 'text/plain', Buffer.from('a\0b')],
    ['UTF-16 without a byte order mark', 'text/plain', Buffer.from('hello', 'utf16le')],
    ['UTF-16 with a NUL', 'text/plain', utf16('a\0b')],
    ['JSON in another encoding', 'application/json', latin1('{"a": "Gr\xfc\xdfe"}')],
    ['random bytes as text', 'text/plain', Buffer.from('80ff00c3', 'hex')],
    ['random bytes as a PDF', 'application/pdf', Buffer.from('80ff00c3', 'hex')],
  ])('do not match their type: %s', async (_what, type, bytes) => {
    expect(await fitsType(type, bytes)).toBe(false);
  });

  const TYPES = ['application/pdf', 'text/plain', 'image/svg+xml', 'application/zip', 'image/tiff', 'a/b'];
  const BEGINNINGS = [PDF, GIF, ZIP, DOCX, png(), tiff(8), ftyp('heic'), MP3, CFB, gzipSync('x'), utf16('x')];

  test('never cause an error, even if they are truncated or damaged', async () => {
    const begun = fc.tuple(fc.constantFrom(...BEGINNINGS), fc.nat(200), fc.uint8Array({ maxLength: 300 }));
    const damaged = begun.map(([begins, kept, rest]) => Buffer.concat([begins.subarray(0, kept), rest]));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...TYPES),
        fc.oneof(fc.uint8Array({ maxLength: 2000 }), damaged),
        async (type, bytes) => {
          expect(typeof (await fitsType(type, bytes))).toBe('boolean');
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('are checked quickly, even if they begin with hundreds of comments', async () => {
    const comments = '<!---->'.repeat(200);
    expect(await fitsType('text/plain', latin1(`${comments}a note`))).toBe(true);
    expect(await fitsType('text/plain', latin1(`${comments}<script>`))).toBe(false);
  });

  test('match text/plain if they are printable and do not begin like a page, a script, or another document', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), async (text) => {
        fc.pre(!/^\s*(?:<|#!|%!|%PDF|MZ|\{\\rtf)|[\p{Cc}\p{Cs}]/u.test(text));
        expect(await fitsType('text/plain', Buffer.from(text))).toBe(true);
      }),
    );
  });
});
