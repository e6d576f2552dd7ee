import { describe, expect, test } from '@jest/globals';
import { requestPage } from '../../../lambda/views/request-page.ts';
import { assetName } from '../../support/values.ts';
import { limits, origin } from './examples.ts';
import { forms, textOf } from './reading.ts';

const view = { origin, lifetimeMinutes: 15, limits };

describe('the request form', () => {
  test('the form posts an e-mail address and a file name', () => {
    const [form, ...others] = forms(requestPage(view));
    expect(others).toEqual([]);
    expect(form).toMatchObject({ method: 'post', action: `${origin}/token`, button: 'E-mail me the link' });
    expect(form?.fields.map(({ name }) => name)).toEqual(['asset', 'email']);
  });

  test('the address field lets the browser autocomplete and validate the address', () => {
    const field = forms(requestPage(view))[0]?.fields.find(({ name }) => name === 'email');
    expect(field).toMatchObject({
      type: 'email',
      autocomplete: 'email',
      inputmode: 'email',
      maxlength: '254',
      required: '',
    });
  });

  test('the form shows the given file name only in its field, where it can be corrected', () => {
    const page = requestPage({ ...view, asset: assetName('2026/annual report.pdf') });
    expect(forms(page)[0]?.fields.find(({ name }) => name === 'asset')).toMatchObject({
      type: 'text',
      value: '2026/annual report.pdf',
      required: '',
    });
    expect(page.split('annual report.pdf').length - 1).toBe(1);
  });

  test.each([
    ['in the address field if the file name is given', assetName('report.pdf'), ['email']],
    ['on no field if both are empty', undefined, []],
  ])('the form puts the focus %s', (_what, asset, names) => {
    const fields = forms(requestPage({ ...view, asset }))[0]?.fields ?? [];
    expect(fields.filter((field) => 'autofocus' in field).map(({ name }) => name)).toEqual(names);
  });

  test('the form says how long a link works, and states the rate limits', () => {
    expect(textOf(requestPage(view))).toContain('The link works once, within 15 minutes.');
    expect(textOf(requestPage(view))).toContain(
      'at most one e-mail a minute and 5 an hour for each file and address, and accept at most 60 requests an hour from one network',
    );
  });

  test('the form states the rate limits of this stack', () => {
    const strict = { addressPerHour: 2, cooldownSeconds: 300, sourcePerHour: 1200 };
    const page = textOf(requestPage({ ...view, lifetimeMinutes: 60 * 24 * 30, limits: strict }));
    expect(page).toContain('one e-mail every 5 minutes and 2 an hour');
    expect(page).toContain('1,200 requests an hour');
    expect(page).toContain('within 30 days');
  });
});
