import { describe, expect, test } from '@jest/globals';
import { checkInboxPage } from '../../../lambda/views/check-inbox-page.ts';
import { assetName } from '../../support/values.ts';
import { origin } from './examples.ts';
import { forms, links, textOf } from './reading.ts';

describe('the page after asking', () => {
  const text = textOf(checkInboxPage({ origin, lifetimeMinutes: 15 }));

  test('promises a mail only to who may receive the file, and says how long its link lives', () => {
    expect(text).toContain('If your address may receive the file, an e-mail with the link is on its way');
    expect(text).toContain('within 15 minutes');
  });

  test('says where to look, and when to ask again', () => {
    expect(text).toMatch(/spam or junk/);
    expect(text).toContain('You can ask again in a minute.');
  });

  test('says when to ask again where it is not a minute', () => {
    expect(textOf(checkInboxPage({ origin, lifetimeMinutes: 15, cooldownSeconds: 150 }))).toContain(
      'You can ask again in 3 minutes.',
    );
  });

  test('leads back to the form, for the same file when it is known', () => {
    const page = checkInboxPage({ origin, lifetimeMinutes: 15, asset: assetName('a b&c=d.pdf') });
    expect(links(page)).toEqual([{ href: `${origin}/?asset=a+b%26c%3Dd.pdf`, words: 'Ask again' }]);
    expect(links(checkInboxPage({ origin, lifetimeMinutes: 15 }))[0]?.href).toBe(`${origin}/`);
  });

  test('has no form: it cannot carry anything that was entered', () => {
    expect(forms(checkInboxPage({ origin, lifetimeMinutes: 15 }))).toEqual([]);
  });
});
