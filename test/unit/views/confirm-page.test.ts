import { describe, expect, test } from '@jest/globals';
import { confirmPage } from '../../../lambda/views/confirm-page.ts';
import { expiry, now, origin, recordOf, sha256, token } from './examples.ts';
import { forms, links, tags, textOf } from './reading.ts';

const view = { origin, record: recordOf('2026/report.pdf'), token, downloadSeconds: 30, now };
const page = confirmPage(view);

describe('the confirmation page', () => {
  test('the confirmation page shows the name, type, size, and checksum of the file', () => {
    const text = textOf(page);
    expect(page).toContain('<bdi>report.pdf</bdi>');
    for (const fact of ['PDF document', '1.2 MB', sha256]) expect(text).toContain(fact);
  });

  test('the confirmation page says how long the link works, in words and in a time element', () => {
    expect(textOf(page)).toContain('Link works until 23 November 2026, 18:05 UTC (14 minutes left)');
    expect(tags(page, 'time')).toEqual([
      { datetime: new Date(expiry * 1000).toISOString().replace('.000', '') },
    ]);
  });

  test('the confirmation page has one button, which posts the token', () => {
    expect(forms(page)).toEqual([
      {
        method: 'post',
        action: `${origin}/redeem`,
        fields: [{ type: 'hidden', name: 'token', value: token, autocomplete: 'off' }],
        button: 'Download the file',
      },
    ]);
  });

  test('the confirmation page says that only the button uses up the link, and how soon the download must start', () => {
    expect(textOf(page)).toContain('Opening this page did not use it up; pressing the button does.');
    expect(textOf(page)).toContain('The download has 30 seconds to start');
  });

  test('the confirmation page of a form link links to the form for the same file', () => {
    expect(links(page)).toEqual([
      { href: `${origin}/?asset=2026%2Freport.pdf`, words: 'ask for a new link' },
    ]);
  });

  test('the confirmation page of an API link refers to whoever sent it, without naming the issuer', () => {
    const record = { ...view.record, issuedBy: 'arn:aws:iam::123456789012:role/orders' } as const;
    const issued = confirmPage({ ...view, record });
    expect(links(issued)).toEqual([]);
    expect(textOf(issued)).toContain('ask whoever gave you this link for a new one');
    expect(issued).not.toContain('arn:');
  });

  test('the confirmation page leaves out an unknown checksum or type', () => {
    const { sha256: _unknown, ...asset } = recordOf('report.bin', { type: 'application/octet-stream' }).asset;
    const text = textOf(confirmPage({ ...view, record: { ...view.record, asset } }));
    expect(text).not.toMatch(/SHA-256|Type /);
    expect(text).toContain('Size 1.2 MB');
  });

  test('the confirmation page shows nothing about the recipient', () => {
    expect(page).not.toMatch(/ada|pseudonym/);
  });
});
