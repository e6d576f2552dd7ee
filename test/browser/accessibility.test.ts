import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { type LocalizedTheme, localizedTheme } from '../../lambda/views/localized-theme.ts';
import { composeMail } from '../../lambda/views/mail.ts';
import { launchChromium } from '../support/chromium.ts';
import { visit } from '../support/visit.ts';
import { brand, everyPageIn, now, origin, recordOf, themes, token } from '../unit/views/examples.ts';
import { violationsOn, WCAG } from './violations.ts';

/*
 * Runs axe on every page, in every theme and both color schemes. It checks names, roles, landmarks, headings, language,
 * and contrast. Keyboard order and wording have their own tests.
 */

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});

/** Shows the pages one after the other under their theme's policy, and returns the violations of each. */
async function findings(
  { brand: { accent } }: LocalizedTheme,
  colorScheme: 'light' | 'dark',
  pages: readonly (readonly [string, string])[],
): Promise<Readonly<Record<string, readonly string[]>>> {
  const { page, complaints } = await visit(browser, '', { colorScheme, accent });
  try {
    const found: Record<string, readonly string[]> = {};
    for (const [name, markup] of pages) {
      await page.setContent(markup);
      found[name] = await violationsOn(page);
    }
    // Contrast can be checked only if the policy does not block the style.
    expect(complaints).toEqual([]);
    return found;
  } finally {
    await page.context().close();
  }
}

const nothingIn = (pages: readonly (readonly [string, string])[]) =>
  Object.fromEntries(pages.map(([name]) => [name, []]));

/** Pages with different layouts. All problem pages share one. */
const KINDS = [
  'request',
  'request for a file',
  'check inbox',
  'confirm',
  'collection',
  'problem token_redeemed with a token',
];

describe.each(['light', 'dark'] as const)('in the %s scheme', (scheme) => {
  test.each(themes)('axe finds nothing on any page in %s', async (name, theme) => {
    const all = everyPageIn(theme);
    const pages = name === 'en' ? all : all.filter(([page]) => KINDS.includes(page));
    expect(await findings(theme, scheme, pages)).toEqual(nothingIn(pages));
  });

  test('axe finds nothing in the mail', async () => {
    const view = { record: recordOf('report.pdf'), url: `${origin}/redeem?token=${token}`, now };
    const theme = localizedTheme('de', brand);
    const context = await browser.newContext({ colorScheme: scheme });
    try {
      // Without our policy, because mail programs have their own.
      const page = await context.newPage();
      await page.setContent(composeMail(view, theme).html);
      expect(await violationsOn(page, WCAG)).toEqual([]);
    } finally {
      await context.close();
    }
  });

  test('axe finds text that is too faint, so it sees the colors', async () => {
    const [[, markup = ''] = []] = everyPageIn(localizedTheme('en', {}));
    const faint = markup.replace('<h1>', '<p><font color="#999999">Faint</font></p><h1>');
    const expected = scheme === 'light' ? [expect.stringContaining('color-contrast')] : [];
    expect(await findings(localizedTheme('en', {}), scheme, [['faint', faint]])).toEqual({ faint: expected });
  });
});
