import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { localizedTheme } from '../../lambda/views/localized-theme.ts';
import { composeMail } from '../../lambda/views/mail.ts';
import { launchChromium } from '../support/chromium.ts';
import { brand, everyPageIn, now, origin, recordOf, themes, token } from '../unit/views/examples.ts';
import { violationsOn, violationsOnEach, WCAG, withoutViolations } from './violations.ts';

/*
 * Runs axe on a page of each layout and on the e-mail, in both color schemes. axe checks accessible names, roles,
 * landmarks, headings, language, and contrast. Other tests cover keyboard order and wording.
 */

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});

/** Pages that differ in layout. accessibility.deep.test.ts checks every page in every language. */
const KINDS = [
  'request',
  'request for a file',
  'check inbox',
  'confirm',
  'collection',
  'problem token_redeemed with a token',
];

describe.each(['light', 'dark'] as const)('in the %s color scheme,', (scheme) => {
  test.each(themes.filter(([name]) => name.startsWith('en')))(
    'axe finds no violations on the pages in %s',
    async (_name, theme) => {
      const pages = everyPageIn(theme).filter(([page]) => KINDS.includes(page));
      expect(await violationsOnEach(browser, pages, theme, scheme)).toEqual(withoutViolations(pages));
    },
  );

  test('axe finds no violations in the e-mail', async () => {
    const view = { record: recordOf('report.pdf'), url: `${origin}/redeem?token=${token}`, now };
    const theme = localizedTheme('de', brand);
    const context = await browser.newContext({ colorScheme: scheme });
    try {
      // The e-mail is rendered without our Content-Security-Policy, because mail programs apply their own.
      const page = await context.newPage();
      await page.setContent(composeMail(view, theme).html);
      expect(await violationsOn(page, WCAG)).toEqual([]);
    } finally {
      await context.close();
    }
  });

  test('axe reports faint gray text only in the light scheme, which shows that axe evaluates colors', async () => {
    const [[, markup = ''] = []] = everyPageIn(localizedTheme('en', {}));
    const faint = markup.replace('<h1>', '<p><font color="#999999">Faint</font></p><h1>');
    const expected = scheme === 'light' ? [expect.stringContaining('color-contrast')] : [];
    const plain = localizedTheme('en', {});
    expect(await violationsOnEach(browser, [['faint', faint]], plain, scheme)).toEqual({ faint: expected });
  });
});
