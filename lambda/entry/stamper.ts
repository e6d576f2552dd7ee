import { readFile } from 'node:fs/promises';
import { PdfStamper } from '../adapters/pdf-stamper.ts';
import { FONTS } from './fonts.ts';

/*
 * Stands beside the bundles of functions that stamp, and is loaded when there is something to stamp. A part of their
 * bundle would make every cold start read it.
 */

export const stamper = new PdfStamper(FONTS.map((name) => () => readFile(new URL(name, import.meta.url))));
