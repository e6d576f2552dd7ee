import { describe, expect, test } from '@jest/globals';
import { confirmPage } from '../../../lambda/views/confirm-page.ts';
import { expiry, now, origin, recordOf, sha256, token } from './examples.ts';
import { forms, links, tags, textOf } from './reading.ts';

const view = { origin, record: recordOf('2026/report.pdf'), token, downloadSeconds: 30, now };
const page = confirmPage(view);

describe('the page of a link', () => {
  test('says what the file is: name, type in words, size, checksum', () => {
    const text = textOf(page);
    expect(page).toContain('<bdi>report.pdf</bdi>');
    for (const fact of ['PDF document', '1.2 MB', sha256]) expect(text).toContain(fact);
  });

  test('says until when the link works, for people and for machines', () => {
    expect(textOf(page)).toContain('Link works until 23 November 2026, 18:05 UTC (14 minutes left)');
    expect(tags(page, 'time')).toEqual([
      { datetime: new Date(expiry * 1000).toISOString().replace('.000', '') },
    ]);
  });

  test('has one button, which posts the token', () => {
    expect(forms(page)).toEqual([
      {
        method: 'post',
        action: `${origin}/redeem`,
        fields: [{ type: 'hidden', name: 'token', value: token, autocomplete: 'off' }],
        button: 'Download the file',
      },
    ]);
  });

  test('says that looking spends nothing, that the button does, and how long the download has', () => {
    expect(textOf(page)).toContain('Opening this page did not use it up; pressing the button does.');
    expect(textOf(page)).toContain('The download has 30 seconds to start');
  });

  test('leads who asked by the form back to it for a new link', () => {
    expect(links(page)).toEqual([
      { href: `${origin}/?asset=2026%2Freport.pdf`, words: 'ask for a new link' },
    ]);
  });

  test('sends who had the link from a program back to where they had it from', () => {
    const record = { ...view.record, issuedBy: 'arn:aws:iam::123456789012:role/orders' } as const;
    const issued = confirmPage({ ...view, record });
    expect(links(issued)).toEqual([]);
    expect(textOf(issued)).toContain('ask whoever gave you this link for a new one');
    expect(issued).not.toContain('arn:');
  });

  test('leaves out a checksum and a type that nobody knows', () => {
    const { sha256: _unknown, ...asset } = recordOf('report.bin', { type: 'application/octet-stream' }).asset;
    const text = textOf(confirmPage({ ...view, record: { ...view.record, asset } }));
    expect(text).not.toMatch(/SHA-256|Type /);
    expect(text).toContain('Size 1.2 MB');
  });

  test('shows nothing of the recipient', () => {
    expect(page).not.toMatch(/ada|pseudonym/);
  });
});
