import { describe, expect, test } from '@jest/globals';
import { collectionPage } from '../../../lambda/views/collection-page.ts';
import { localizedTheme } from '../../../lambda/views/localized-theme.ts';
import { composeMail } from '../../../lambda/views/mail.ts';
import { collectionAddress, collectionView, now, origin, recordOf, token } from './examples.ts';
import { forms, links, textOf } from './reading.ts';

const page = collectionPage(collectionView('live', 'plan.pdf'));

describe('the page of a collection', () => {
  test('only a live file has a button, which posts the token of that file', () => {
    expect(forms(page)).toEqual([
      {
        method: 'post',
        action: `${origin}/redeem`,
        fields: [{ type: 'hidden', name: 'token', value: token, autocomplete: 'off' }],
        button: 'Download',
      },
    ]);
  });

  test('a button is described by the name of its file', () => {
    expect(page).toContain('<bdi id="file-1">plan.pdf</bdi>');
    expect(page).toContain('<button type="submit" aria-describedby="file-1">');
  });

  test('the page says how the other files ended', () => {
    const text = textOf(page);
    expect(text).toContain('Downloaded on 23 November 2026, 17:40 UTC');
    expect(text).toContain('No longer available.');
    expect(textOf(collectionPage(collectionView('revoked', 'plan.pdf')))).toContain(
      'Withdrawn on 23 November',
    );
  });

  test('the page links to itself, so that people can see which files are still live', () => {
    expect(links(page)).toEqual([{ href: collectionAddress, words: 'Load the page again' }]);
  });

  test('a page without live files has no button and says so', () => {
    const over = collectionPage(collectionView('revoked', 'plan.pdf'));
    expect(forms(over)).toEqual([]);
    expect(over).toContain('<h1>Nothing is left to download</h1>');
  });

  test('the name of a file is escaped and isolated', () => {
    const evil = collectionPage(collectionView('live', '<img src=x>.pdf'));
    expect(evil).toContain('<bdi id="file-1">&lt;img src=x&gt;.pdf</bdi>');
  });
});

describe('the e-mail for a collection', () => {
  const { files } = collectionView('live', 'plan.pdf').record;
  const record = { ...recordOf('plan.pdf'), issuedBy: 'arn:aws:iam::123456789012:role/orders' as const };
  const view = { record: { ...record, ...(files && { files }) }, url: collectionAddress, now };

  test.each([
    ['en', '3 files', 'Each file has its own button and can be downloaded once'],
    ['de', '3 Dateien', 'jede Datei lässt sich einmal herunterladen'],
    ['fr', '3 fichiers', 'chaque fichier peut être téléchargé une seule fois'],
  ] as const)('both parts of the e-mail list the files (%s)', (language, count, once) => {
    const { subject, text, html } = composeMail(view, localizedTheme(language, {}));
    expect(subject).toContain(count);
    for (const part of [text.replace(/\s+/g, ' '), textOf(html)]) {
      for (const name of ['plan.pdf (', 'budget.xlsx (', 'minutes.txt (']) expect(part).toContain(name);
      expect(part).toContain(once);
      expect(part).toContain(collectionAddress);
    }
  });

  test('the reminder has its own subject', () => {
    expect(composeMail({ ...view, kind: 'reminder' }).subject).toBe(
      'Reminder of your download link: 3 files',
    );
  });
});
