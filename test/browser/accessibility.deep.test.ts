import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';
import { visit } from '../support/visit.ts';
import { everyPageIn, themes } from '../unit/views/examples.ts';
import { violationsOnEach, withoutViolations } from './violations.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});

const OVERFLOW = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
/** A script that returns the heights of all touch targets shorter than 44 pixels. */
const LOW = `[...document.querySelectorAll('button, .button, input:not([type=hidden])')]
  .map((target) => target.getBoundingClientRect().height)
  .filter((height) => height < 44)`;

describe.each(themes)('on every page in %s, including every problem page,', (_name, theme) => {
  const pages = everyPageIn(theme);

  test('axe finds no violations', async () => {
    expect(await violationsOnEach(browser, pages, theme, 'light')).toEqual(withoutViolations(pages));
  });

  test('the content fits a width of 320 pixels, and buttons and fields are at least 44 pixels high', async () => {
    const { page } = await visit(browser, '', { viewport: { width: 320, height: 640 } });
    for (const [name, markup] of pages) {
      await page.setContent(markup);
      expect([name, await page.evaluate(`[${OVERFLOW}, ${LOW}]`)]).toEqual([name, [0, []]]);
    }
    await page.context().close();
  });
});
