import { CsvError, parse } from 'csv-parse/sync';
import {
  countedForm,
  LANGUAGES,
  LONGEST_MESSAGE,
  LONGEST_NAME,
  PLAIN_LINE,
  parseEmailAddress,
} from '../../lambda/operator.ts';
import { countText } from '../tvm/format.ts';
import type { Complaint, Recipient } from './recipient.ts';

/** Maximum number of recipients on one list. */
export const MOST_RECIPIENTS = 10_000;

const COLUMNS = ['email', 'name', 'note', 'language'] as const;
type ColumnName = (typeof COLUMNS)[number];
type Cells = Readonly<Partial<Record<ColumnName, string>>>;

/** Maximum length of a row. Valid rows are far shorter, but a row with an unclosed quote would never end. */
const LONGEST_ROW = 8000;

/** The result of reading a list. The list is valid if there are no complaints. */
export interface ParsedList {
  readonly recipients: readonly Recipient[];
  readonly complaints: readonly Complaint[];
}

/**
 * Parses a list of recipients: CSV (RFC 4180) in UTF-8, with a header. Detects the separator from the header, because in
 * many countries, spreadsheets separate columns with semicolons or tabs. Two rows with the same mailbox are an error,
 * however the addresses are spelled.
 */
export function parseRecipients(bytes: Uint8Array): ParsedList {
  const text = decode(bytes);
  if (text === undefined) return refused(1, 'The file is not UTF-8. In Excel, save it as "CSV UTF-8".');
  const read = readRows(text);
  if ('what' in read) return refused(read.line, read.what);
  const [header, ...records] = read.rows;
  if (header === undefined) return refused(1, `The file is empty. ${HEADER}`);
  const names = header.record.map((name) => name.trim().toLowerCase());
  const wrong = headerComplaint(names);
  if (wrong !== undefined) return refused(header.info.lines, wrong);
  if (records.length === 0) return refused(header.info.lines, 'There are no recipients below the header.');
  if (records.length > MOST_RECIPIENTS) {
    const line = records[MOST_RECIPIENTS]?.info.lines ?? header.info.lines;
    return refused(line, `A list has at most ${MOST_RECIPIENTS} recipients. Split it into several files.`);
  }
  return readRecords(records, names);
}

const HEADER = `The first line has to name the columns: ${COLUMNS.join(',')}. Only email is required.`;

const AFTER_QUOTE = 'There is text after a closing quotation mark. Double a mark that belongs to the text.';

const EXPLAINED: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'A quotation mark is not closed.',
  CSV_MAX_RECORD_SIZE: 'The row is too long, or a quotation mark is not closed.',
  INVALID_OPENING_QUOTE: 'A quotation mark is inside a cell. Quote the whole cell, and double the mark.',
  CSV_INVALID_CLOSING_QUOTE: AFTER_QUOTE,
  CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE: AFTER_QUOTE,
};

interface Row {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** Returns all rows, or the complaint about the row at which reading stopped, with that row's first line. */
function readRows(text: string): { readonly rows: readonly Row[] } | Complaint {
  let lastLine = 0;
  try {
    const rows = parse(text, {
      info: true,
      bom: true,
      delimiter: delimiterOf(text),
      trim: true,
      skip_empty_lines: true,
      // A spreadsheet exports a cleared row as nothing but separators.
      skip_records_with_empty_values: true,
      relax_column_count: true,
      max_record_size: LONGEST_ROW,
      // Read the header and one row more than the limit, to detect a list that is too long.
      to: MOST_RECIPIENTS + 2,
      on_record: (row, { lines }) => {
        lastLine = lines;
        return row;
      },
    });
    return { rows: rows as unknown as readonly Row[] };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const unread = text.split('\n').slice(lastLine);
    const line = lastLine + 1 + unread.findIndex((one) => /[^\s,;]/.test(one));
    return { line, what: EXPLAINED[error.code] ?? 'This is not valid CSV.' };
  }
}

function delimiterOf(text: string): string {
  const [header = ''] = text.trimStart().split('\n', 1);
  return [',', ';', '\t'].find((delimiter) => header.includes(delimiter)) ?? ',';
}

function headerComplaint(names: readonly string[]): string | undefined {
  const unknown = names.findIndex((name) => !isColumn(name));
  if (unknown >= 0) return `Column ${unknown + 1} is unknown. ${HEADER}`;
  if (new Set(names).size < names.length) return 'A column appears twice.';
  return names.includes('email') ? undefined : `The email column is missing. ${HEADER}`;
}

const isColumn = (name: string): name is ColumnName => COLUMNS.some((column) => column === name);

function readRecords(records: readonly Row[], names: readonly string[]): ParsedList {
  const recipients: Recipient[] = [];
  const complaints: Complaint[] = [];
  const lines = new Map<string, number>();
  for (const { record, info } of records) {
    const line = info.lines - (record.join('').match(/\n/g)?.length ?? 0);
    const complain = (what: string, field?: ColumnName) =>
      complaints.push({ line, ...(field && { field }), what });
    if (record.length !== names.length) {
      complain(`The row has ${countText(record.length, 'column')}, but the header has ${names.length}.`);
      continue;
    }
    const filled = names
      .map((name, at) => [name, record[at]?.trim() ?? ''])
      .filter(([, cell]) => cell !== '');
    const cells: Cells = Object.fromEntries(filled);
    const recipient = readRecipient(line, cells, complain);
    if (recipient === undefined) continue;
    const before = lines.get(recipient.mailbox);
    if (before !== undefined) complain(`This is the same mailbox as on line ${before}.`, 'email');
    lines.set(recipient.mailbox, before ?? line);
    recipients.push(recipient);
  }
  return { recipients, complaints };
}

/** Reports every error in one row. Returns `undefined` if the row's address is invalid. */
function readRecipient(
  line: number,
  { email: address = '', name, note, language: given }: Cells,
  complain: (what: string, field: ColumnName) => void,
): Recipient | undefined {
  const email = parseEmailAddress(address);
  const language = LANGUAGES.find((one) => one === given?.toLowerCase());
  if (email === undefined) complain('Use one address, such as ann@example.org.', 'email');
  complainAbout('name', name, LONGEST_NAME, complain);
  complainAbout('note', note, LONGEST_MESSAGE, complain);
  if (given !== undefined && language === undefined) {
    complain(`Use one of ${LANGUAGES.join(', ')}.`, 'language');
  }
  return (
    email && {
      line,
      email,
      mailbox: countedForm(email),
      ...(name !== undefined && { name }),
      ...(note !== undefined && { note }),
      ...(language && { language }),
    }
  );
}

function complainAbout(
  field: 'name' | 'note',
  cell: string | undefined,
  longest: number,
  complain: (what: string, field: ColumnName) => void,
): void {
  if (cell === undefined) return;
  if (cell.length > longest) complain(`Use at most ${longest} characters.`, field);
  if (cell.includes('\n')) complain('Use one line.', field);
  else if (!PLAIN_LINE.test(cell)) complain('Remove control and invisible characters.', field);
  // The spreadsheet exported a formula instead of its value.
  if (cell.startsWith('=')) complain('This is a formula. Export its value.', field);
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    // With CR LF, the library would count each line break inside a cell as two lines.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replaceAll(/\r\n?/g, '\n');
  } catch {
    return undefined;
  }
}

const refused = (line: number, what: string): ParsedList => ({
  recipients: [],
  complaints: [{ line, what }],
});
