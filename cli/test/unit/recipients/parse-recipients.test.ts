import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { anyCodePoint } from '../../../../test/support/code-points.ts';
import { MOST_RECIPIENTS, parseRecipients } from '../../../recipients/parse-recipients.ts';

const parse = (text: string) => parseRecipients(Buffer.from(text));

/** Returns the cells of a list that has no errors. */
function rowsOf(text: string) {
  const { recipients, complaints } = parse(text);
  expect(complaints).toEqual([]);
  return recipients.map(({ line, mailbox: _, ...cells }) => cells);
}

/** Returns the errors of a list as `line field`. */
const errorsIn = (text: string) =>
  parse(text).complaints.map(({ line, field }) => (field === undefined ? `${line}` : `${line} ${field}`));

const ANN = { email: 'ann@example.org' };

describe('a list of recipients', () => {
  test('has a row for each recipient, and only the address is required', () => {
    expect(
      rowsOf(
        'email,name,note,language\nann@example.org,,,\nbob@example.org,Zoë Ünlü,"Bis Freitag, bitte",de\n',
      ),
    ).toEqual([
      ANN,
      { email: 'bob@example.org', name: 'Zoë Ünlü', note: 'Bis Freitag, bitte', language: 'de' },
    ]);
    expect(rowsOf('email\nann@example.org')).toEqual([ANN]);
  });

  test.each([
    ['with semicolons, as Excel writes it in German and French', 'email;name\nann@example.org;Müller, Ann\n'],
    ['with tabs', 'email\tname\nann@example.org\tMüller, Ann\n'],
    ['with a byte order mark', '\ufeffemail,name\nann@example.org,"Müller, Ann"\n'],
    ['with CRLF', 'email,name\r\nann@example.org,"Müller, Ann"\r\n'],
    ['with lone CRs, as old spreadsheets write it', 'email,name\rann@example.org,"Müller, Ann"\r'],
    ['with quotes around everything', '"email","name"\n"ann@example.org","Müller, Ann"\n'],
    ['with columns in another order and case', 'Name,EMAIL\n"Müller, Ann",ann@example.org\n'],
    ['with spaces around the cells', ' email , name \n ann@example.org , "Müller, Ann" \n'],
    ['with empty lines', '\nemail,name\n\nann@example.org,"Müller, Ann"\n\n'],
    ['with rows that were cleared in a spreadsheet', 'email;name\n;\nann@example.org;Müller, Ann\n;\n;;;\n'],
  ])('is read from a file %s', (_what, text) => {
    expect(rowsOf(text)).toEqual([{ ...ANN, name: 'Müller, Ann' }]);
  });

  test('can contain doubled quotation marks in a quoted cell', () => {
    expect(rowsOf('email,note\nann@example.org,"The ""final"" version"')).toEqual([
      { ...ANN, note: 'The "final" version' },
    ]);
  });

  test('keeps the tag of an address, but identifies the mailbox without it', () => {
    expect(parse('email\nAnn+News@Example.org').recipients).toEqual([
      { line: 2, email: 'Ann+News@example.org', mailbox: 'ann@example.org' },
    ]);
  });

  test('cannot contain a mailbox twice, and the error names the earlier line', () => {
    const { complaints } = parse(
      'email\nann@example.org\nbob@example.org\nANN+x@example.org\na.b@gmail.com\nab@gmail.com',
    );
    expect(complaints).toEqual([
      { line: 4, field: 'email', what: 'This is the same mailbox as on line 2.' },
      { line: 6, field: 'email', what: 'This is the same mailbox as on line 5.' },
    ]);
  });
});

describe('the report of an error in a list', () => {
  test.each([
    ['an invalid address', 'email\nann\n', '2 email'],
    ['two addresses in one cell', 'email\n"ann@example.org,bob@example.org"\n', '2 email'],
    ['a missing address', 'email,name\n,Ann\n', '2 email'],
    ['a line break in an address', 'email\n"ann@example.org\r\nBcc: eve@example.org"\n', '2 email'],
    ['a line break in a name', 'email,name\nann@example.org,"Ann\nBcc: eve@example.org"\n', '2 name'],
    ['a line break in a note', 'email,note\nann@example.org,"one\r\ntwo"\n', '2 note'],
    ['a bidirectional control', 'email,name\nann@example.org,a\u202eb\n', '2 name'],
    ['a null character', 'email,note\nann@example.org,a\0b\n', '2 note'],
    [
      'a formula for a name',
      'email,name\nann@example.org,"=HYPERLINK(""https://evil.example"")"\n',
      '2 name',
    ],
    ['a formula for a note', 'email,note\nann@example.org,=A1\n', '2 note'],
    ['a name that is too long', `email,name\nann@example.org,${'a'.repeat(101)}\n`, '2 name'],
    ['a note that is too long', `email,note\nann@example.org,${'a'.repeat(501)}\n`, '2 note'],
    ['an unknown language', 'email,language\nann@example.org,it\n', '2 language'],
    ['an extra cell', 'email,name\nann@example.org,Ann,x\n', '2'],
    ['a missing cell', 'email,name\nann@example.org\n', '2'],
    ['a quotation mark that is not closed', 'email,name\nann@example.org,"Ann\n', '2'],
    [
      'a quotation mark that is not closed, although lines follow',
      'email,name\nann@example.org,Ann\n\nbob@example.org,"Bob\neve@example.org,Eve\n',
      '4',
    ],
    ['text after a quotation mark', 'email,name\nann@example.org,"Ann"x\n', '2'],
    ['an unknown column', 'email,phone\nann@example.org,1\n', '1'],
    ['a column that appears twice', 'email,name,name\nann@example.org,a,b\n', '1'],
    ['a missing address column', 'name\nAnn\n', '1'],
    ['a missing header', 'ann@example.org\nbob@example.org\n', '1'],
    ['a header without rows', 'email,name\n', '1'],
    ['an empty file', '', '1'],
  ])('names the line and column of %s', (_what, text, where) => {
    expect(errorsIn(text)).toEqual([where]);
  });

  test('does not hide the other errors', () => {
    const text = 'email,name,language\nann,=A1,xx\nbob@example.org,Bob,de\neve,Eve,fr\n';
    expect(errorsIn(text)).toEqual(['2 email', '2 name', '2 language', '4 email']);
  });

  test('does not repeat the content of the file', () => {
    const { complaints } = parse('email,name\nsecret-address,=secret\n');
    expect(JSON.stringify(complaints)).not.toContain('secret');
  });

  test.each(['"Ann"x', '"Ann" x'])('explains text after a quotation mark: %s', (cell) => {
    const { complaints } = parse(`email,name\nann@example.org,${cell}\n`);
    expect(complaints).toEqual([{ line: 2, what: expect.stringContaining('closing quotation mark') }]);
  });

  test('says so if a file is not UTF-8', () => {
    const latin = Buffer.from('email,name\nann@example.org,M\xfcller\n', 'latin1');
    expect(parseRecipients(latin).complaints).toMatchObject([
      { line: 1, what: expect.stringContaining('UTF-8') },
    ]);
    const utf16 = Buffer.from('\ufeffemail\nann@example.org\n', 'utf16le');
    expect(parseRecipients(utf16).complaints).toHaveLength(1);
  });
});

test(`a list has at most ${MOST_RECIPIENTS} recipients`, () => {
  const lines = (count: number) => Array.from({ length: count }, (_, at) => `p${at}@example.org`).join('\n');
  expect(parse(`email\n${lines(MOST_RECIPIENTS)}`).recipients).toHaveLength(MOST_RECIPIENTS);
  const { recipients, complaints } = parse(`email\n${lines(MOST_RECIPIENTS + 1)}`);
  expect(recipients).toEqual([]);
  expect(complaints).toMatchObject([{ line: MOST_RECIPIENTS + 2 }]);
});

test('the parser never throws, and accepts no control characters', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'email',
      'name',
      'note',
      ',',
      ';',
      '\n',
      '\r\n',
      '"',
      '""',
      '=',
      'ann@example.org',
      '\ufeff',
    ),
    fc.string({ unit: anyCodePoint, maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const { recipients } = parse(`email,name,note\n${pieces.join('')}`);
      expect(JSON.stringify(recipients)).not.toMatch(/\\[nrtu]/);
    }),
  );
});
