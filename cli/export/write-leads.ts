import { Readable, Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import { escapeControlsInJson } from '../tvm/escape-controls.ts';
import { LEAD_COLUMNS, type Lead } from './lead.ts';

export const EXPORT_FORMATS = ['csv', 'jsonl'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/**
 * Writes leads as CSV (RFC 4180, with a header row) or as JSON lines, with backpressure.
 *
 * @param clean escapes the text of a CSV cell
 * @param out is not closed
 */
export async function writeLeads(
  leads: AsyncIterable<Lead>,
  format: ExportFormat,
  {
    out,
    clean,
    signal,
  }: { readonly out: Writable; readonly clean: (text: string) => string; readonly signal: AbortSignal },
): Promise<void> {
  const lines = format === 'csv' ? csvLines(clean) : jsonLines();
  await pipeline(Readable.from(leads), lines, out, { end: false, signal });
}

/**
 * Returns a transform that writes CSV. Addresses, notes, and file names come from other people, so a cell that a
 * spreadsheet would run as a formula gets a leading apostrophe (OWASP, "CSV injection").
 */
function csvLines(clean: (text: string) => string): Transform {
  return stringify({
    header: true,
    columns: [...LEAD_COLUMNS],
    record_delimiter: 'windows',
    // The library quotes cells with commas or CR LF. A lone CR or LF also breaks lines, and some spreadsheets split
    // cells at semicolons or tabs.
    quoted_match: /[\r\n;\t]/,
    escape_formulas: true,
    cast: { string: (text) => clean(text) },
  });
}

function jsonLines(): Transform {
  return new Transform({
    writableObjectMode: true,
    transform: (lead: Lead, _encoding, done) => done(null, `${escapeControlsInJson(lead)}\n`),
  });
}
