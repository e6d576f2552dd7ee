import { expect, test } from '@jest/globals';
import { localizedTheme } from '../../lambda/views/localized-theme.ts';
import { launchChromium } from '../support/chromium.ts';
import { everyPageIn } from '../unit/views/examples.ts';
import { violationsOnEach, withoutViolations } from './violations.ts';

test('axe finds no violation on any page, including every problem page', async () => {
  const theme = localizedTheme('en', {});
  const pages = everyPageIn(theme);
  const browser = await launchChromium();
  try {
    expect(await violationsOnEach(browser, pages, theme, 'light')).toEqual(withoutViolations(pages));
  } finally {
    await browser.close();
  }
});
