import {
  EncryptedPDFError,
  ParseSpeeds,
  PDFArray,
  PDFDict,
  PDFDocument,
  type PDFFont,
  PDFName,
  PDFRef,
} from '@cantoo/pdf-lib';
import * as fontkit from 'fontkit';
import { fail, ok, type Result } from '../domain/result.ts';
import type { Mark, Stamper, Unstampable } from '../domain/watermark.ts';
import { drawMark, type Piece } from './pdf-mark.ts';

/** Reads a font file (lambda/fonts/). */
export type ReadFont = () => Promise<Uint8Array>;

/** Largest object number that PDF viewers accept (ISO 32000-1, annex C). */
const LARGEST_OBJECT_NUMBER = 8_388_607;

/** Font file, and the characters that it supports. */
interface Face {
  readonly bytes: Uint8Array;
  has(codePoint: number): boolean;
}

/** Part of a text that is set in one font. */
interface Run {
  readonly face: Face;
  readonly text: string;
}

/**
 * Stamps PDFs with pdf-lib. The file is rewritten completely: with an incremental update, the copy would begin with the
 * original (docs/adr, "Try the stamp before a link is issued").
 */
export class PdfStamper implements Stamper {
  readonly #fonts: readonly ReadFont[];
  readonly #faces: Face[] = [];

  /** @param fonts in the order in which they are tried for each character */
  constructor(fonts: readonly ReadFont[]) {
    this.#fonts = fonts;
  }

  async stamp(pdf: Uint8Array, { names, tokenId, at }: Mark): Promise<Result<Uint8Array, Unstampable>> {
    const time = `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
    const line = await this.#runsOf(names[0] ?? tokenId);
    const footer = await this.#runsOf([...names, time, tokenId].join(' · '));
    if (line === undefined || footer === undefined) return fail({ code: 'name_unprintable' });
    try {
      const document = await PDFDocument.load(pdf, {
        parseSpeed: ParseSpeeds.Fastest,
        throwOnInvalidObject: true,
        updateMetadata: false,
      });
      const { largestObjectNumber } = document.context;
      if (largestObjectNumber > LARGEST_OBJECT_NUMBER) return fail({ code: 'pdf_unreadable' });
      if (!isTree(document)) return fail({ code: 'pdf_unreadable' });
      if (isSigned(document)) return fail({ code: 'pdf_signed' });
      const pages = document.getPages();
      if (pages.length === 0) return fail({ code: 'pdf_unreadable' });
      document.registerFontkit(fontkit);
      const fonts = new Map<Face, PDFFont>();
      const lines = {
        line: await embed(document, line, fonts),
        footer: await embed(document, footer, fonts),
        tokenId,
      };
      const shared = new Map<string, PDFRef>();
      for (const page of pages) drawMark(page, lines, shared);
      // With object streams, pdf-lib's running time would grow quadratically with the number of objects.
      const plainly = { useObjectStreams: false, updateFieldAppearances: false, objectsPerTick: Infinity };
      return ok(await document.save(plainly));
    } catch (cause) {
      // The file needs too much memory, or is nested too deeply.
      if (cause instanceof RangeError) return fail({ code: 'pdf_too_complex' });
      // pdf-lib throws various plain errors for malformed files, and also for encrypted object streams, which it reads
      // before it detects the encryption.
      const isEncrypted = cause instanceof EncryptedPDFError || Buffer.from(pdf).includes('/Encrypt');
      return fail({ code: isEncrypted ? 'pdf_encrypted' : 'pdf_unreadable' });
    }
  }

  /** Splits the text by font; returns `undefined` if a character has no glyph or combines with others. */
  async #runsOf(text: string): Promise<readonly Run[] | undefined> {
    const runs: Run[] = [];
    for (const character of text.normalize('NFC')) {
      const face = /\p{M}/u.test(character) ? undefined : await this.#faceFor(character.codePointAt(0) ?? 0);
      if (face === undefined) return undefined;
      const last = runs.at(-1);
      if (last?.face === face) runs[runs.length - 1] = { face, text: last.text + character };
      else runs.push({ face, text: character });
    }
    return runs;
  }

  async #faceFor(codePoint: number): Promise<Face | undefined> {
    for (const [index, read] of this.#fonts.entries()) {
      const face = this.#faces[index] ?? faceOf(await read());
      this.#faces[index] = face;
      if (face.has(codePoint)) return face;
    }
    return undefined;
  }
}

function faceOf(bytes: Uint8Array): Face {
  const font = fontkit.create(Buffer.from(bytes));
  if (!('hasGlyphForCodePoint' in font)) throw new Error('A font file contains a collection of fonts');
  return { bytes, has: (codePoint) => font.hasGlyphForCodePoint(codePoint) };
}

/** Embeds the fonts, reduced to the glyphs that are used. */
async function embed(
  document: PDFDocument,
  runs: readonly Run[],
  fonts: Map<Face, PDFFont>,
): Promise<readonly Piece[]> {
  const pieces: Piece[] = [];
  for (const { face, text } of runs) {
    const font = fonts.get(face) ?? (await document.embedFont(face.bytes, { subset: true }));
    fonts.set(face, font);
    pieces.push({ text, font, width: font.widthOfTextAtSize(text, 1) });
  }
  return pieces;
}

/**
 * Returns whether each node of the page tree has only one parent. Shared nodes would let a small file have any number
 * of pages.
 */
function isTree({ catalog, context }: PDFDocument): boolean {
  const seen = new Set<unknown>();
  const open: unknown[] = [catalog.get(PDFName.of('Pages'))];
  for (let ref = open.pop(); ref !== undefined; ref = open.pop()) {
    if (seen.has(ref)) return false;
    seen.add(ref);
    const node = ref instanceof PDFRef ? context.lookup(ref) : ref;
    const kids = node instanceof PDFDict ? node.lookup(PDFName.of('Kids')) : undefined;
    if (kids instanceof PDFArray) open.push(...kids.asArray());
  }
  return true;
}

/** Returns whether the file contains any signature (ISO 32000-2, section 12.8). A stamp would break the signature. */
function isSigned(document: PDFDocument): boolean {
  const byteRange = PDFName.of('ByteRange');
  const value = PDFName.of('V');
  return document.context.enumerateIndirectObjects().some(([, object]) => {
    if (!(object instanceof PDFDict)) return false;
    if (object.has(byteRange)) return true;
    const signature = object.lookup(value);
    return signature instanceof PDFDict && signature.has(byteRange);
  });
}
