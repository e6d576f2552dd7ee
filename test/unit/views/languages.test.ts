import { describe, expect, test } from '@jest/globals';
import { LANGUAGES, type Language } from '../../../lambda/domain/language.ts';
import { confirmPage } from '../../../lambda/views/confirm-page.ts';
import { localizedTheme } from '../../../lambda/views/localized-theme.ts';
import { composeMail } from '../../../lambda/views/mail.ts';
import { requestPage } from '../../../lambda/views/request-page.ts';
import { secondsAt } from '../../support/values.ts';
import { everyPageIn, limits, now, origin, recordOf, token } from './examples.ts';
import { textOf } from './reading.ts';

const url = `${origin}/redeem?token=${token}`;

/** Returns the text of a page with its spaces unchanged, because the tests look for no-break spaces. */
const wordsOf = (page: string) => page.replace(/<(style|script|code)>[\s\S]*?<\/\1>|<[^>]*>/g, '');

const confirmIn = (language: Language, expiresAt = secondsAt('2027-01-01T13:05:00Z')) =>
  textOf(
    confirmPage(
      { origin, record: { ...recordOf('report.pdf'), expiresAt }, token, downloadSeconds: 30, now },
      localizedTheme(language, {}),
    ),
  );

const mailIn = (language: Language) =>
  composeMail({ record: recordOf('report.pdf'), url, now }, localizedTheme(language, {}));

describe('numbers and times in each language', () => {
  const formats: Readonly<Record<Language, readonly [size: string, until: string]>> = {
    en: ['1.2 MB', '1 January 2027, 13:05 UTC (38 days, 19 hours left)'],
    de: ['1,2 MB', '1. Januar 2027 um 13:05 Uhr (UTC) (noch 38 Tage, 19 Stunden)'],
    fr: ['1,2 Mo', '1er janvier 2027 à 13:05 (UTC) (encore 38 jours et 19 heures)'],
  };
  test.each(LANGUAGES)(
    'the confirmation page in "%s" formats numbers and times as usual in that language',
    (language) => {
      const [size, until] = formats[language];
      const text = confirmIn(language);
      expect(text).toContain(size);
      expect(text).toContain(until);
    },
  );
});

describe('the e-mail in each language', () => {
  const mails: Readonly<Record<Language, readonly [subject: string, lives: string]>> = {
    en: ['Your download link: report.pdf', 'It works for 15 minutes, until 23 November 2026, 18:05 UTC.'],
    de: [
      'Ihr Download-Link: report.pdf',
      'Er ist 15 Minuten gültig, bis zum 23. November 2026 um 18:05 Uhr (UTC).',
    ],
    fr: [
      'Votre lien de téléchargement : report.pdf',
      'Il reste valable 15 minutes, jusqu’au 23 novembre 2026 à 18:05 (UTC).',
    ],
  };
  test.each(LANGUAGES)('the e-mail in "%s" has its subject, text, and HTML in that language', (language) => {
    const [subject, lives] = mails[language];
    const mail = mailIn(language);
    const fold = (text: string) => text.replace(/\s+/g, ' ');
    expect(fold(mail.subject)).toBe(subject);
    expect(fold(mail.text)).toContain(lives);
    expect(textOf(mail.html)).toContain(lives);
    expect(mail.html).toContain(`<html lang="${language}">`);
  });
});

describe('every language', () => {
  const words = (language: Language) =>
    everyPageIn(localizedTheme(language, {})).map(([, page]) => textOf(page));

  test('no page has the same text in two languages', () => {
    const all = LANGUAGES.map(words);
    for (const [index] of all[0]?.entries() ?? []) {
      expect(new Set(all.map((pages) => pages[index])).size).toBe(LANGUAGES.length);
    }
  });

  test.each(LANGUAGES.filter((language) => language !== 'en'))(
    'pages and e-mails in "%s" contain no English words',
    (language) => {
      const text = [...words(language), mailIn(language).text].join(' ');
      expect(text).not.toMatch(/\b(?:the|please|your|link works|you)\b/i);
    },
  );

  test.each(LANGUAGES)('the form in "%s" states the configured rate limits', (language) => {
    const strict = { ...limits, cooldownSeconds: 300, sourcePerHour: 12_345 };
    const page = textOf(
      requestPage({ origin, lifetimeMinutes: 15, limits: strict }, localizedTheme(language, {})),
    );
    expect(page).toMatch(/5 (?:minutes|Minuten)/);
    expect(page).toMatch(/12[,. \u202f]345/);
  });
});

describe('typography', () => {
  const pagesIn = (language: Language) => [
    ...everyPageIn(localizedTheme(language, {})).map(([, page]) => wordsOf(page)),
    mailIn(language).text.replaceAll(url, ''),
  ];

  test('French puts a no-break space before a colon, and a narrow one before ; ! ?', () => {
    for (const text of pagesIn('fr')) {
      expect(text).not.toMatch(/[^\u202f][;!?]/);
      // The colon in a time of day has no space before it.
      expect(text.replace(/\d\d:\d\d/g, '')).not.toMatch(/[^\u00a0]:/);
    }
  });

  test.each(LANGUAGES)(
    'texts in "%s" contain no straight quotes, double hyphens, or three dots',
    (language) => {
      for (const text of pagesIn(language)) {
        expect(text.replace('\n-- \n', '')).not.toMatch(/['"]|&#39;|&quot;|--|\.\.\./);
      }
    },
  );

  test('German texts use the formal address', () => {
    for (const text of pagesIn('de'))
      expect(text).not.toMatch(/(?<!\p{L})(?:du|dir|dein\p{L}*|euch)(?!\p{L})/iu);
  });

  test('French texts use the formal address', () => {
    for (const text of pagesIn('fr')) expect(text).not.toMatch(/(?<!\p{L})(?:tu|toi|ton|tes)(?!\p{L})/iu);
  });
});
