import { describe, expect, test } from '@jest/globals';
import { confirmPage } from '../../../lambda/views/confirm-page.ts';
import type { CodeProblem } from '../../../lambda/views/messages.ts';
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

  test('the confirmation page of an API link says to ask its sender for a new one, without naming the issuer', () => {
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

describe('the confirmation page of a link that asks for a code', () => {
  const record = { ...view.record, presenceCode: true } as const;
  const asking = confirmPage({ ...view, record });

  test('has a field for the code before the button, and accepts spaces and hyphens in it', () => {
    const [form] = forms(asking);
    expect(form?.fields.map(({ name }) => name)).toEqual(['token', 'code']);
    const field = form?.fields[1];
    expect(field).toMatchObject({ type: 'text', inputmode: 'numeric', autocomplete: 'off', required: '' });
    const pattern = new RegExp(`^(?:${field?.pattern})$`, 'v');
    for (const text of ['123456', '123 456', ' 123-456 ']) expect(text).toMatch(pattern);
    for (const text of ['12345', '1234567', 'abcdef']) expect(text).not.toMatch(pattern);
    expect(textOf(asking)).toContain('The six digits that you saw when you asked for the link.');
  });

  test('says for an API link that the sender has the code', () => {
    const issuedBy = 'arn:aws:iam::123456789012:role/orders';
    const page = confirmPage({ ...view, record: { ...record, issuedBy } });
    expect(textOf(page)).toContain('The six digits that you were given by whoever sent you the link.');
  });

  test.each<[CodeProblem, string]>([
    [{ code: 'code_required' }, 'Please enter the code.'],
    [{ code: 'invalid_request', field: 'code' }, 'The code has six digits, such as 012 345.'],
    [{ code: 'wrong_code', attemptsLeft: 1 }, 'You can try once more before the link stops working.'],
    [{ code: 'wrong_code', attemptsLeft: 4 }, 'You can try 4 more times before the link stops working.'],
  ])('says what is wrong (%j) next to the field, which has the focus', (codeProblem, words) => {
    const page = confirmPage({ ...view, record, codeProblem });
    expect(textOf(page)).toContain(words);
    expect(forms(page)[0]?.fields[1]).toMatchObject({
      'aria-invalid': 'true',
      'aria-describedby': 'code-error code-hint',
      autofocus: '',
    });
    expect(page).toContain('id="code-error"');
  });
});
