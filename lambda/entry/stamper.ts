import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { PDFObjectStreamParser, PDFXRefStreamParser } from '@cantoo/pdf-lib';
import { PdfStamper } from '../adapters/pdf-stamper.ts';
import { EXIT } from '../adapters/sandboxed-stamper.ts';
import type { Mark } from '../domain/watermark.ts';
import { FONTS } from './fonts.ts';

/*
 * Stamping program, deployed with the bundles of the functions that stamp files. It runs in a separate process for each
 * file (lambda/adapters/sandboxed-stamper.ts). It reads the content of the watermark from the environment variable
 * `MARK` and a PDF from standard input. It writes either the stamped copy or the code of a refusal to standard output.
 */

/**
 * Aborts the process if there is not enough memory to unpack a stream, as V8 does when its heap is full. Otherwise,
 * pdf-lib would report the file as damaged.
 */
function endAtLimit<Arguments extends unknown[], Parser>(open: (...given: Arguments) => Parser) {
  return (...given: Arguments): Parser => {
    try {
      return open(...given);
    } catch (cause) {
      if (cause instanceof RangeError) process.abort();
      throw cause;
    }
  };
}

PDFObjectStreamParser.forStream = endAtLimit(PDFObjectStreamParser.forStream);
PDFXRefStreamParser.forStream = endAtLimit(PDFXRefStreamParser.forStream);

const stamper = new PdfStamper(FONTS.map((name) => () => readFile(new URL(name, import.meta.url))));
const { at, ...mark } = JSON.parse(process.env.MARK ?? '') as Mark;
const stamped = await stamper.stamp(await buffer(process.stdin), { ...mark, at: new Date(at) });
process.exitCode = stamped.ok ? EXIT.copy : EXIT.refusal;
process.stdout.end(stamped.ok ? stamped.value : stamped.error.code);
