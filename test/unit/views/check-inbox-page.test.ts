import { describe, expect, test } from '@jest/globals';
import type { PresenceCode } from '../../../lambda/domain/ids.ts';
import { checkInboxPage } from '../../../lambda/views/check-inbox-page.ts';
import { assetName } from '../../support/values.ts';
import { origin } from './examples.ts';
import { forms, links, textOf } from './reading.ts';

describe('the page that is shown after a request', () => {
  const text = textOf(checkInboxPage({ origin, lifetimeMinutes: 15 }));

  test('the check-inbox page promises an e-mail only to an allowed address, and says how long the link works', () => {
    expect(text).toContain('If your address may receive the file, an e-mail with the link is on its way');
    expect(text).toContain('within 15 minutes');
  });

  test('the check-inbox page says where to look for the e-mail, and when to ask again', () => {
    expect(text).toMatch(/spam or junk/);
    expect(text).toContain('You can ask again in a minute.');
  });

  test('the check-inbox page rounds the cooldown up to full minutes', () => {
    expect(textOf(checkInboxPage({ origin, lifetimeMinutes: 15, cooldownSeconds: 150 }))).toContain(
      'You can ask again in 3 minutes.',
    );
  });

  test('the check-inbox page links to the form, for the same file if it is known', () => {
    const page = checkInboxPage({ origin, lifetimeMinutes: 15, asset: assetName('a b&c=d.pdf') });
    expect(links(page)).toEqual([{ href: `${origin}/?asset=a+b%26c%3Dd.pdf`, words: 'Ask again' }]);
    expect(links(checkInboxPage({ origin, lifetimeMinutes: 15 }))[0]?.href).toBe(`${origin}/`);
  });

  test('the check-inbox page has no form, so that it cannot echo the input', () => {
    expect(forms(checkInboxPage({ origin, lifetimeMinutes: 15 }))).toEqual([]);
  });
});

test('the check-inbox page shows the presence code, and screen readers read its digits one by one', () => {
  const page = checkInboxPage({ origin, lifetimeMinutes: 15, presenceCode: '012345' as PresenceCode });
  expect(page).toContain('aria-label="0 1 2 3 4 5">012 345</p>');
  expect(textOf(page)).toContain('Keep this page open, or write the code down.');
  expect(checkInboxPage({ origin, lifetimeMinutes: 15 })).not.toContain('class="code"');
});
