import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { english } from '../../../lambda/views/english.ts';
import { composeMail } from '../../../lambda/views/mail.ts';
import { textRichIn } from '../../support/code-points.ts';
import { origin, recordOf, sha256, themes, token } from './examples.ts';
import { links, textOf } from './reading.ts';

const url = `${origin}/redeem?token=${token}`;
const now = new Date('2026-11-23T17:50:45Z');
const mailFor = (fileName: string) => composeMail({ record: recordOf('x', { fileName }), url, now });
const mail = mailFor('report.pdf');

const fold = (text: string) => text.replace(/\s+/g, ' ').trim();

describe('the e-mail for a link', () => {
  test('the e-mail goes to the recipient of the record', () => {
    expect(mail.to).toBe('ada@example.org');
  });

  test('the subject names the file and contains no token', () => {
    expect(mail.subject).toBe('Your download link: report.pdf');
    expect(mail.subject).not.toContain('tvm_');
  });

  test.each(['text', 'html'] as const)('the %s part describes the file and the link', (part) => {
    const text = part === 'html' ? textOf(mail.html) : fold(mail.text);
    for (const fact of [
      'File: report.pdf',
      'Size: 1.2 MB',
      `SHA-256: ${sha256}`,
      'It works for 15 minutes, until 23 November 2026, 18:05 UTC.',
      'press the button on the page',
      'The link works once.',
      'do not forward it',
      'If you did not ask for this, ignore it',
      url,
    ]) {
      expect(text).toContain(fact);
    }
  });

  test.each(themes)(
    'the e-mail for an API link does not claim that its recipient requested it (%s)',
    (_name, theme) => {
      const view = {
        record: { ...recordOf('report.pdf'), issuedBy: 'arn:aws:iam::111122223333:role/reports' } as const,
        url,
        now,
      };
      const { text } = composeMail(view, theme);
      expect(text).toContain(theme.messages.mail.unexpected);
      expect(text).not.toContain(theme.messages.mail.unasked);
    },
  );

  test.each(themes)(
    'the e-mail for a link that asks for a code says so, and does not claim that the e-mail is enough (%s)',
    (_name, theme) => {
      const record = { ...recordOf('report.pdf'), presenceCode: true } as const;
      const { text } = composeMail({ record, url, now }, theme);
      expect(fold(text)).toContain(theme.messages.presence.mail);
      expect(fold(text)).not.toContain(theme.messages.mail.keepPrivate);
    },
  );

  test('both parts of the e-mail have the same text, except for the hint below the button', () => {
    const read = textOf(mail.html).replace(
      `${english.mail.open} ${english.mail.address}`,
      `${english.mail.open}:`,
    );
    expect(read).toBe(fold(mail.text));
  });

  test('the text part has the link on a line of its own', () => {
    expect(mail.text.split('\n')).toContain(url);
  });

  test('the e-mail contains only the link that it is for', () => {
    expect(links(mail.html).map(({ href }) => href)).toEqual([url, url]);
    expect(mail.text.split('http')).toHaveLength(2);
  });

  test('the e-mail loads nothing, runs nothing, and tracks nothing', () => {
    expect(mail.html).not.toMatch(/<(?:img|script|link|iframe|style|table|object|form)\b/i);
    expect(mail.html).not.toMatch(/\s(?:src|background|srcset)=|url\(|\son\w+=/i);
  });

  test("the e-mail keeps the reader's own text colors, so that it is legible in dark mode", () => {
    const [body = ''] = /<body[^>]*>/.exec(mail.html) ?? [];
    expect(body).not.toMatch(/color/);
    expect(mail.html).toContain('<meta name="color-scheme" content="light dark">');
  });

  test('the e-mail leaves out an unknown checksum', () => {
    const { sha256: _unknown, ...asset } = recordOf('report.pdf').asset;
    const { text, html } = composeMail({ record: { ...recordOf('report.pdf'), asset }, url, now });
    expect(text + html).not.toContain('SHA-256');
  });

  test('the e-mail says how much of the lifetime is left at the time of sending', () => {
    const late = new Date('2026-11-23T18:01:30Z');
    expect(composeMail({ record: recordOf('x'), url, now: late }).text).toContain(
      'It works for 4 minutes, until',
    );
    const last = new Date('2026-11-23T18:05:10Z');
    expect(composeMail({ record: recordOf('x'), url, now: last }).text).toContain(
      'It works for 32 seconds, until',
    );
  });
});

describe('the name and the message from the issuer', () => {
  const record = recordOf('report.pdf');
  const saying = (words: { readonly name?: string; readonly message?: string }) =>
    composeMail({ record: { ...record, recipient: { ...record.recipient, ...words } }, url, now });

  test('the e-mail greets the recipient and shows the message, the same in both parts', () => {
    const { text, html } = saying({ name: 'Zoë Ünlü', message: 'Bitte „bis Freitag“ prüfen – 世界' });
    for (const part of [fold(text), textOf(html).replace(' ,', ',')]) {
      expect(part).toContain('Hello Zoë Ünlü,');
      expect(part).toContain('Message from the sender: Bitte „bis Freitag“ prüfen – 世界');
    }
  });

  test('a name and a message cannot add markup, lines, headers, or links', () => {
    const hostile = '<a href="https://evil.example">x</a>\r\nBcc: eve@example.org\u202e';
    const { text, html, subject } = saying({ name: hostile, message: hostile });
    expect(links(html).map(({ href }) => href)).toEqual([url, url]);
    expect(text.split('\n').filter((line) => line.startsWith('Bcc:'))).toEqual([]);
    expect(text + html).not.toMatch(/[\r\u202e]/);
    expect(subject).toBe(mail.subject);
  });

  test.each(themes)('a reminder says that it is one, in its subject and its heading (%s)', (_name, theme) => {
    const first = composeMail({ record, url, now }, theme);
    const second = composeMail({ record, kind: 'reminder', url, now }, theme);
    expect(second.subject).not.toBe(first.subject);
    expect(second.subject).toContain('report.pdf');
    expect(second.text).toContain(theme.messages.mail.reminder.heading);
    expect(second.text).toContain(url);
  });
});

describe('file names in the e-mail', () => {
  const names = textRichIn([
    ...['\r\n', '\n', '\0', '\u202e'],
    ...['<', '>', '"', "'", '&', '</p>', '<a href="https://evil.example">'],
  ]);

  test('no file name can add a mail header', () => {
    fc.assert(
      fc.property(names, (name) => {
        const { subject } = mailFor(name);
        expect(subject).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
        expect(subject.length).toBeLessThanOrEqual(130);
      }),
    );
  });

  test('no file name can add markup or a line', () => {
    const shape = (html: string) => html.match(/<[^>]*>/g);
    fc.assert(
      fc.property(names, (name) => {
        const { html, text } = mailFor(name);
        expect(shape(html)).toEqual(shape(mail.html));
        expect(text.split('\n')).toHaveLength(mail.text.split('\n').length);
      }),
    );
  });

  test('a long file name appears in full in the text, and is shortened to its beginning and end in the subject', () => {
    const name = `${'quarterly-'.repeat(30)}report.pdf`;
    const { subject, text, html } = mailFor(name);
    expect(subject).toMatch(/^Your download link: quarterly-.*….*report\.pdf$/);
    expect(text).toContain(name);
    expect(html).toContain(name);
  });

  test('a right-to-left file name is isolated, so that it does not reorder the words around it', () => {
    expect(mailFor('تقرير.pdf').html).toContain('<bdi>تقرير.pdf</bdi>');
  });
});
